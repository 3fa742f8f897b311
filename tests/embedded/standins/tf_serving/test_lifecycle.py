"""Start and stop of whole server processes."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from embedded.standins.tf_serving import flags, main, settings

from .conftest import MONITORING
from .running import ROOT, Running
from .saved_models import write_arithmetic

pytestmark = pytest.mark.slow

BATCHING = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 20000 }
max_enqueued_batches { value: 20 }
num_batch_threads { value: 1 }
"""


def run(*flags: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "embedded.standins.tf_serving", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_version_says_what_the_program_is() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert "TensorFlow ModelServer: " in done.stdout
    assert "stand-in" in done.stdout


def test_the_usage_lists_every_flag() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "--rest_api_timeout_in_ms N" in done.stdout
    assert "stand-in" in done.stdout


@pytest.mark.parametrize(
    "flags",
    [
        ["--prot=1"],
        [],
        ["--model_base_path=/m", "--rest_api_port=1", "--monitoring_config_file=/nowhere"],
    ],
)
def test_a_bad_start_names_its_cause_at_once(flags: list[str]) -> None:
    done = run(*flags)
    assert done.returncode == 1
    assert done.stderr.startswith("Failed to start server. Error: ")
    assert "Traceback" not in done.stderr


@pytest.fixture
def alone(tmp_path: Path, half: Path) -> Iterator[Running]:
    """A server of its own on a copy of version 2, which batches up to 4 rows within 20 ms."""
    base = tmp_path / "models"
    shutil.copytree(half / "2", base / "2")
    (tmp_path / "batching.txt").write_text(BATCHING)
    (tmp_path / "monitoring.txt").write_text(MONITORING)
    server = Running(
        tmp_path,
        "--model_name=half",
        f"--model_base_path={base}",
        "--rest_api_num_threads=9",
        "--enable_batching",
        f"--batching_parameters_file={tmp_path / 'batching.txt'}",
        f"--monitoring_config_file={tmp_path / 'monitoring.txt'}",
    )
    yield server.ready()
    server.kill()


def share_batches(server: Running) -> None:
    """Forty rows, four at a time: some requests meet, and the metrics tell."""
    name = ":tensorflow:serving:batching_session:"
    samples = [name + each for each in ("processed_batch_size_sum{}", "processed_batch_size_count{}")]
    samples += [name + 'queuing_latency_count{thread_pool_name=""}']
    before = [server.metric(sample) for sample in samples]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            answers = list(pool.map(lambda x: server.predict({"instances": [x]}).json, range(4)))
            assert answers == [{"predictions": [x / 2 + 3]} for x in range(4)]
    after = [server.metric(sample) for sample in samples]
    rows, batches, queued = (b - a for a, b in zip(before, after, strict=True))
    assert (rows, queued) == (40, 40)
    assert 10 <= batches < 40, "some requests shared a batch"
    large = server.predict({"instances": [1.0] * 11})
    assert (large.status, large.error) == (400, "Task size 11 is larger than maximum input batch size 4")


class Client(threading.Thread):
    """Sends requests one after another, each on a new connection, until nobody listens any more."""

    def __init__(self, server: Running) -> None:
        super().__init__()
        self.server, self.good = server, 0
        self.bad: list[str] = []

    def run(self) -> None:
        body = {"signature_name": "slow", "instances": [30.0]}
        while True:
            try:
                answer = self.server.predict(body)
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionRefusedError):
                    self.bad.append(str(error))
                return
            except OSError as error:
                self.bad.append(repr(error))
                return
            self.good += answer.status == 200
            if answer.status != 200:
                self.bad.append(str(answer))


def test_requests_share_batches_a_new_version_takes_over_and_sigterm_loses_no_request(
    alone: Running, tmp_path: Path
) -> None:
    share_batches(alone)
    write_arithmetic(tmp_path / "incoming", 7.0)
    (tmp_path / "incoming").rename(tmp_path / "models" / "3")
    deadline = time.monotonic() + 60
    while alone.predict({"instances": [0.0]}).json != {"predictions": [7.0]}:
        assert time.monotonic() < deadline, alone.log.read_text()
        time.sleep(0.1)
    assert alone.ask("/v1/models/half/versions/2").json["model_version_status"][0]["state"] in (
        "UNLOADING",
        "END",
    )
    clients = [Client(alone) for _ in range(4)]
    for client in clients:
        client.start()
    while sum(client.good for client in clients) < 8:
        time.sleep(0.05)
    alone.terminate()
    assert alone.process.wait(timeout=40) == 0
    for client in clients:
        client.join(timeout=10)
    assert [client.bad for client in clients] == [[]] * 4
    assert alone.log.read_text().rstrip().endswith("stopped")


def test_sigterm_while_waiting_for_a_model_ends_the_start(tmp_path: Path) -> None:
    """In this process, which has loaded TensorFlow for other tests."""
    given = flags.parse(["--rest_api_port=1", f"--model_base_path={tmp_path}"])
    said: list[str] = []

    async def run() -> int:
        serving = asyncio.create_task(main.serve(settings.read(given, {}), said.append))
        while not any("Did you forget to name your leaf directory" in line for line in said):
            assert not serving.done(), said
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return await asyncio.wait_for(serving, 30)

    assert asyncio.run(run()) == 0
    assert said[-2:] == ["stopping while loading", "stopped"]
