"""Start and stop of whole server processes."""

import shutil
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import ROOT, Running
from .saved_models import write_arithmetic


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
    assert "--rest_api_timeout_in_ms=30000" in done.stdout


@pytest.mark.parametrize(
    "flags", [["--prot=1"], [], ["--model_base_path=/m", "--batching_parameters_file=/nowhere"]]
)
def test_a_bad_start_names_its_cause_at_once(flags: list[str]) -> None:
    done = run(*flags)
    assert done.returncode == 1
    assert done.stderr.startswith("Failed to start server. Error: ")
    assert "Traceback" not in done.stderr


@pytest.fixture
def alone(tmp_path: Path, half: Path) -> Iterator[Running]:
    """A server of its own on a copy of version 2."""
    base = tmp_path / "models"
    shutil.copytree(half / "2", base / "2")
    server = Running(tmp_path, "--model_name=half", f"--model_base_path={base}", "--rest_api_num_threads=9")
    yield server.ready()
    server.kill()


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


def test_a_new_version_takes_over_and_sigterm_loses_no_request(alone: Running, tmp_path: Path) -> None:
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
    server = Running(tmp_path, f"--model_base_path={tmp_path / 'empty'}")
    try:
        deadline = time.monotonic() + 120
        while "Did you forget to name your leaf directory" not in server.log.read_text():
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)
        server.terminate()
        assert server.process.wait(timeout=30) == 0
    finally:
        server.kill()
