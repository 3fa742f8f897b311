"""What runs in each generator's pod, run here: segments begin together and make up one load."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.commands.calibrate import BODY, null_server
from bench.load import k6
from bench.load.plan import Plan, write
from bench.records.profile import Open, Phase
from bench.records.samples import Sample, parse
from bench.segments import objects

needs_k6 = pytest.mark.skipif(
    shutil.which("k6") is None, reason="k6 is not on PATH; python -m embedded.toolchain k6 builds it"
)
COUNT = 3
AHEAD = 3.0  # s, for three programs that begin at once on a busy machine


def plan(url: str) -> Plan:
    return Plan(Open((Phase(60.0, 2.0),)), url, (BODY, b"{}"), seed=4)


@pytest.fixture
def homes() -> Iterator[list[Path]]:
    """A folder for each pod, whose plan is there and whose start is not."""
    with tempfile.TemporaryDirectory() as name:
        yield [Path(name) / str(index) for index in range(COUNT)]


def start(home: Path, load: Plan) -> subprocess.Popen[str]:
    home.mkdir()
    write(load, load.schedule(), home)
    shutil.copy(k6.SCRIPT, home)
    told = {
        "FLAGS": " ".join(k6.FLAGS),
        "COUNT": str(COUNT),
        "SEQUENCE": objects.sequence(COUNT),
        "JOB_COMPLETION_INDEX": home.name,
        "HOME": str(home),
        "TOLD": str(home / "told"),
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
    }
    command = ["sh", "-c", objects.SCRIPT.read_text()]
    return subprocess.Popen(command, env=os.environ | told, stdout=subprocess.PIPE, text=True)


def begin(homes: list[Path], ahead: float) -> None:
    at = time.time() + ahead
    for home in homes:
        (home / "start").write_text(f"{at * 1000:.0f}")


def samples(process: subprocess.Popen[str]) -> list[Sample]:
    return [parse(line) for line in process.communicate(timeout=30)[0].splitlines()]


@pytest.mark.slow
@needs_k6
def test_every_arrival_is_sent_once_by_one_of_the_segments_at_its_time(homes: list[Path]) -> None:
    with null_server(2) as server:
        load = plan(server.url)
        pods = [start(home, load) for home in homes]
        begin(homes, AHEAD)
        parts = [samples(pod) for pod in pods]
    assert [pod.returncode for pod in pods] == [0] * COUNT
    due = {each.number: (each.due, each.photo) for part in parts for each in part}
    assert due == dict(enumerate(load.schedule()))
    assert sum(map(len, parts)) == len(due), "none twice"
    assert min(map(len, parts)) >= len(due) // COUNT - 1, "in equal parts"
    assert all(each.sent - each.due >= -1 for part in parts for each in part)
    sent = sorted(each.sent - each.due for part in parts for each in part)
    assert sent[len(sent) // 2] < 100, "and not at the start of a clock of its own"


@pytest.mark.slow
@needs_k6
def test_a_generator_that_is_not_ready_in_time_says_so_and_sends_nothing(homes: list[Path]) -> None:
    home = homes[0]
    pod = start(home, plan("http://127.0.0.1:9/"))
    begin([home], -1.0)
    assert samples(pod) == []
    assert pod.returncode != 0
    assert "ms after the start of the load" in (home / "told").read_text()


@pytest.mark.slow
@needs_k6
def test_a_load_that_is_ended_early_ends_its_generators_and_keeps_what_they_sent(homes: list[Path]) -> None:
    home = homes[1]
    with null_server(2) as server:
        pod = start(home, plan(server.url))
        begin([home], 1.0)
        assert pod.stdout
        first = pod.stdout.readline()
        pod.terminate()
        rest = samples(pod)
    assert parse(first).good
    assert len(rest) < 40
    assert (home / "told").exists()


def test_a_pod_that_never_gets_a_load_ends_when_it_is_told_to(homes: list[Path]) -> None:
    pod = start(homes[2], plan("http://127.0.0.1:9/"))
    time.sleep(0.3)
    pod.terminate()
    assert pod.wait(5) == 143
