"""Visits and whole experiments, with the cluster and the loads replaced: order, faults, Ctrl-C, going on."""

import pytest

from bench.load.profiles import LOW_SHARE
from bench.records import store
from bench.records.profile import Open
from tests.bench.experiment.world import COMMAND, World, part_of


def test_every_stack_comes_up_fresh_is_measured_and_goes_one_at_a_time(world: World) -> None:
    assert world.run(*COMMAND) == 0
    up, present = 0, list[int]()
    for line in world.said:
        up += {"up": 1, "destroy": -1}.get(line.split()[0], 0)
        present += [up] if line.endswith((" thesis", " serial", " capacity")) else []
    assert up == 0, "nothing stays"
    assert set(present) == {1}, "whatever is loaded is alone"
    assert part_of(world.said, "tf-default") == ["thesis", "serial", "capacity"]
    assert part_of(world.said, "tf-default@twin") == ["thesis", "serial", "capacity"]
    assert part_of(world.said, "tf-default@port-forward") == ["thesis"]
    assert part_of(world.said, "torch-tuned") == ["serial", "capacity"]


def test_a_finished_experiment_is_not_measured_again(world: World) -> None:
    assert world.run(*COMMAND) == 0
    world.said.clear()
    assert world.run(*COMMAND) == 0
    assert world.said == []


def test_ctrl_c_takes_the_stack_down_and_the_same_command_goes_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stop = "tf-default serial"
    assert world.run(*COMMAND) == 130
    assert world.said[-1] == "destroy tf-default"
    assert "the same command goes on from here" in capsys.readouterr().err
    finished = part_of(world.said, "tf-default")
    assert finished == ["thesis", "serial"]
    world.stop = ""
    world.said.clear()
    assert world.run(*COMMAND) == 0
    assert part_of(world.said, "tf-default") == ["serial", "capacity"], "its thesis run is not repeated"


def test_a_stack_that_does_not_come_up_fails_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned"}
    assert world.run(*COMMAND) == 1
    told = capsys.readouterr().err
    assert "failed: torch-tuned, block 1: pulumi up failed" in told
    assert "left: torch-tuned, block 1: serial, baseline, capacity" in told
    assert "destroy torch-tuned" in world.said
    assert part_of(world.said, "tf-default") == ["thesis", "serial", "capacity"]


def test_three_failures_in_a_row_end_the_experiment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned", "tf-default"}
    assert world.run(*COMMAND) == 1
    assert "3 visits failed one after another" in capsys.readouterr().err


def test_refused_photos_end_the_experiment_before_any_load(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.refuses = True
    assert world.run(*COMMAND) == 1
    assert "a.jpg: tensorflow: got HEIC" in capsys.readouterr().err
    assert [line.split()[0] for line in world.said] == ["clean", "up", "destroy"], "one visit, without a load"


def test_a_void_run_is_made_once_more(world: World) -> None:
    world.voids = 1
    assert world.run(*COMMAND) == 0
    loads = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(loads) == len(set(loads)) + 1


def test_a_warm_up_that_did_not_settle_is_repeated_before_the_second_try(world: World) -> None:
    world.settles, world.voids = False, 1
    assert world.run(*COMMAND) == 0
    assert world.said.count("warm again") == 1


def test_a_step_is_warmed_up_for_by_its_own_beginning(world: World) -> None:
    assert world.run("tf-hpa-plain", "--step", "100", "--blocks", "1", "--experiment", "trial") == 0
    (profile,) = world.warmed
    assert isinstance(profile, Open)
    assert profile.phases[0].rate == LOW_SHARE * 100


def test_a_run_that_stays_void_is_left_for_the_next_go(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.voids = 2
    assert world.run(*COMMAND) == 1
    assert "the same command does what is left" in capsys.readouterr().err
    world.said.clear()
    assert world.run(*COMMAND) == 0
    measured = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(measured) == 1


def test_what_is_expected_is_written_down_before_a_search_and_never_again(world: World) -> None:
    world.stop = "torch-tuned serial"
    assert world.run(*COMMAND) == 130
    before = {each.arm: each for each in store.read(world.results / "trial").expected}
    world.stop = ""
    assert world.run(*COMMAND) == 0
    assert world.foreseen == [1, 2, 3]
    found = store.read(world.results / "trial").expected
    assert sorted(each.arm for each in found) == ["tf-default", "tf-default@twin", "torch-tuned"]
    assert before.items() <= {each.arm: each for each in found}.items()
    assert all(each.rate > 0 and each.serials == 1 for each in found)


def test_settings_may_take_a_moment_to_be_effective(world: World) -> None:
    world.wrong = [("autoscaling: expected True, found False",)] * 3
    assert world.run(*COMMAND) == 0
    assert world.said.count("pause 2") == 3


def test_settings_that_stay_ineffective_fail_a_visit(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.wrong = [("replicas: expected 2, found 1",)] * 11
    assert world.run(*COMMAND) == 1
    assert "settings are not effective: replicas: expected 2, found 1" in capsys.readouterr().err
