"""Steps: foretold before their first visit, judged by the rule in the plan, each with fresh pods."""

from dataclasses import replace

import pytest

from bench.records import store
from tests.bench.experiment.world import World, part_of

# neither can be played, which takes no time
STEPS = ("triton-hpa", "torch-keda", "--step", "100", "--blocks", "1", "--experiment", "trial")


def test_a_void_step_is_left_for_a_later_go_with_fresh_pods(world: World) -> None:
    words = ["tf-hpa", "--step", "100", "--blocks", "1", "--experiment", "trial"]
    world.voids = 1
    assert world.run(*words) == 1
    assert part_of(world.said, "tf-hpa") == ["step"]
    assert world.run(*words) == 0
    assert part_of(world.said, "tf-hpa") == ["step", "step"]
    assert world.said.count("up tf-hpa") == 2


def test_a_step_is_foretold_before_its_first_visit_and_never_again(world: World) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    file = world.results / "trial" / store.FORECAST
    first = file.read_bytes()
    told = store.read(file.parent).forecast
    assert told
    assert [each.arm for each in told.left] == ["triton-hpa", "torch-keda"]
    assert told.sources[0].startswith("docs/results/full, measured 2026-11-25")
    world.stop = ""
    assert world.run(*STEPS, "--measured", str(world.results / "trial")) == 0
    assert file.read_bytes() == first


def test_what_began_without_a_forecast_gets_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    (world.results / "trial" / store.FORECAST).unlink()
    world.stop = ""
    assert world.run(*STEPS) == 0
    assert "what is made now would be no forecast" in capsys.readouterr().err
    assert store.read(world.results / "trial").forecast is None


def test_the_rule_is_in_the_plan_and_in_what_a_dry_run_prints(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*STEPS, "--before", "30", "--after", "40", "--dry-run") == 0
    said = capsys.readouterr().err
    assert "step: 20 → 100 → 20 requests/s (30 + 90 + 40 s)" in said
    assert "no 2 in a row are beyond" in said
    assert "at most 25 % of the requests beyond the objective that triton-hpa has" in said
    assert "forecast: made before the first visit, by the figures of docs/results/full" in said
    assert "not foretold torch-keda: " in said
    assert world.run(*STEPS) == 0
    plan = store.read(world.results / "trial").experiment
    assert plan and plan.rule and plan.rule.default == "triton-hpa"


def test_an_experiment_of_before_rules_were_kept_goes_on_without_one(world: World) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    folder = world.results / "trial"
    kept = store.read(folder).experiment
    assert kept
    store.keep(folder, store.EXPERIMENT, replace(kept, rule=None))
    world.stop = ""
    assert world.run(*STEPS) == 0
    again = store.read(folder).experiment
    assert again and again.rule is None


def test_a_step_begins_when_the_former_stack_is_gone(world: World) -> None:
    world.slow = 0.3
    assert world.run(*STEPS) == 0
    order = [line.split()[0] for line in world.said if line.startswith(("up ", "destroy "))]
    assert order == ["up", "destroy", "up", "destroy"]
