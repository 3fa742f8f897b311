"""`bench all` takes a plan, and refuses in one line what it cannot carry out."""

from pathlib import Path

import pytest

from bench.commands import all as everything
from tests.bench.experiment.world import COMMAND, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_another_plan_under_the_same_name_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*COMMAND) == 0
    world.said.clear()
    assert world.run(*COMMAND, "--seed", "5") == 1
    assert world.said == []
    assert "--experiment: trial is there with another plan" in capsys.readouterr().err


def test_a_dry_run_does_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(*COMMAND, "--dry-run") == 0
    assert world.said == []
    assert not world.results.exists()
    assert "3 visits left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "STACK: expected one of tf-default, "),
        (["minikube"], "minikube: expected a stack of one server, got tensorflow, torchserve"),
        (["tf-default", "--experiment", ""], "--experiment: expected a folder's name, got ''"),
        (["--blocks", "0"], "--blocks: expected a whole number, 1 to 100, got 0"),
        (["--step", "0"], "--step: expected more than 0, at most 2000 requests/s, got 0"),
        (["--after", "90"], "--after: only for --step; leave it out"),
        (["--quick", "--measured", "x"], "--measured: only for --step; leave it out"),
    ],
)
def test_a_wrong_command_is_one_clear_line(
    words: list[str], message: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*words) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert world.said == []


def test_every_variant_is_in_an_experiment_the_thesis_first() -> None:
    names = everything.variants()
    assert len(names) == 12
    assert names[0] == "tf-default"
    assert names[-3:] == ["tf-batch-tuned", "tf-hpa", "torch-tuned"]


def test_steps_are_for_the_autoscaled_variants(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run("--step", "100", "--dry-run") == 0
    assert world.said == []
    assert "experiment steps: 5 blocks of 2 arms" in capsys.readouterr().err
