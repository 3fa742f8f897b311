"""The bench on the live cluster: a run collects everything, a small experiment leaves nothing."""

from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import all as everything
from bench.commands import run
from bench.load.profiles import CAPACITY
from bench.records import store
from bench.records.experiment import BASELINE, DESTROY, Budget, Step
from bench.records.parts import SEARCH, SERIAL, THESIS
from bench.records.run import PORT_FORWARD
from stack.outputs import StackOutputs
from tests.cluster.conftest import ROOT, STACK
from tests.cluster.objects import objects

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
TINY = Budget(
    thesis_seconds=6,
    serial_seconds=3,
    baseline_seconds=3,
    trial_seconds=3,
    confirm_seconds=4,
    search_trials=2,
)


def test_a_run_collects_from_pods_machine_and_prometheus(outputs: StackOutputs, tmp_path: Path) -> None:
    words = ["run", outputs.stack, "--rate", "15", "--seconds", "8", "--experiment", "trial"]
    run.run(parser().parse_args(words), run.World(results=tmp_path))
    for kept in store.read(tmp_path / "trial").runs:
        made = kept.summary
        (pod,) = made.pods
        assert made.total.outcomes.keys() == {"200"}, made.server
        assert abs(pod.requests - made.total.requests) <= 1, "the server counted what the generator sent"
        assert 0 < pod.cpu_seconds < made.obtained.cpus * 12
        assert pod.service_millis is not None
        assert made.machine is not None
        assert made.machine.busy >= made.machine.serving > 0
        series = {drawn.name for drawn in kept.series() if drawn.lines}
        assert {"CPU used", "serving pods up"} <= series
        assert len(kept.samples()) == made.total.requests
    assert {kept.summary.server for kept in store.read(tmp_path / "trial").runs} == {
        "tensorflow",
        "torchserve",
    }


def test_an_experiment_goes_on_leaves_nothing_and_can_be_read(outputs: StackOutputs, tmp_path: Path) -> None:
    before, file = objects(outputs.context), ROOT / "Pulumi.tf-threads.yaml"
    content, folder = file.read_bytes(), tmp_path / "trial"
    folder.mkdir()
    for part in (THESIS, SERIAL, BASELINE, CAPACITY):  # the twin was visited before
        store.note(folder, Step(1, "tf-threads@twin", part, "2026-01-01T00:00:00+00:00", 1))
    words = ["all", "tf-threads", "--quick", "--experiment", "trial"]
    everything.run(parser().parse_args(words), everything.World(results=tmp_path, quick=TINY))
    assert objects(outputs.context) == before
    assert file.read_bytes() == content
    found = store.read(folder)
    assert [step.what for step in found.journal if step.what in ("up", DESTROY)] == ["up", DESTROY]
    assert {kept.summary.arm for kept in found.runs} == {"tf-threads", "tf-threads@port-forward"}
    assert {kept.summary.part for kept in found.runs} >= {THESIS, SERIAL, SEARCH}
    routes = {
        kept.summary.obtained.route for kept in found.runs if kept.summary.arm.endswith("@port-forward")
    }
    assert routes == {PORT_FORWARD}
    assert [baseline.arm for baseline in found.baselines] == ["tf-threads"]


def test_a_stack_that_is_not_deployed_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert STACK != "nonsense"
    assert main(["run", "nonsense", "--rate", "5"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("run: ")
    assert "Traceback" not in told
