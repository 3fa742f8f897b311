"""A load from several places in the cluster: sent once in all, seen by the server, and nothing stays."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from base.children import tied
from bench.__main__ import parser
from bench.commands import run as bench_run
from bench.records import store
from bench.records.run import IN_CLUSTER
from bench.segments import objects
from bench.subject.deployed import Deployed
from embedded import mirror
from embedded.cluster.layout import CONTEXT
from tests.cluster.conftest import ROOT, eventually

pytestmark = [pytest.mark.campaign, pytest.mark.undisturbed]
SERVER = "tensorflow"


@pytest.fixture(scope="module", autouse=True)
def _image(deployed: Deployed) -> None:
    """A registry that holds upstream's images needs none of ours."""
    if deployed.outputs.context == CONTEXT:
        mirror.ensure([objects.IMAGE])


def words(stack: Deployed, seconds: int) -> list[str]:
    load = ["--rate", "30", "--seconds", str(seconds), "--generators", "2"]
    return ["run", stack.outputs.stack, "--server", SERVER, *load, "--experiment", "trial"]


def gone(stack: Deployed) -> bool:
    return stack.cluster.find(f"/api/v1/namespaces/{home(stack)}") is None


def home(stack: Deployed) -> str:
    return objects.home_of(stack.outputs.namespace)


def test_two_generators_send_one_load(deployed: Deployed, tmp_path: Path) -> None:
    options = parser().parse_args(words(deployed, 10))
    bench_run.run(options, bench_run.World(results=tmp_path, warm_up_seconds=5))
    assert gone(deployed)
    (kept,) = store.read(tmp_path / "trial").runs
    made, samples = kept.summary, kept.samples()
    assert sorted(each.number for each in samples) == list(range(len(samples)))
    assert (made.generator.dropped, set(made.total.outcomes)) == (0, {"200"})
    assert made.obtained.route == IN_CLUSTER
    first, second = made.generator.segments
    assert abs(first.requests - second.requests) <= 1
    assert min(first.cpu_seconds, second.cpu_seconds) > 0
    (pod,) = made.pods
    assert abs(pod.requests - made.total.requests) <= 1, "the server counted what both sent"


def test_ctrl_c_leaves_nothing_behind(deployed: Deployed) -> None:
    command = [sys.executable, "-m", "bench", *words(deployed, 60)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, preexec_fn=tied()) as process:
        jobs = f"/apis/batch/v1/namespaces/{home(deployed)}/jobs"
        eventually(lambda: deployed.cluster.find(jobs) and running(deployed), 60)
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert gone(deployed)


def running(stack: Deployed) -> bool:
    listed = stack.cluster.get(f"/api/v1/namespaces/{home(stack)}/pods")
    return str(listed).count("'phase': 'Running'") == 2
