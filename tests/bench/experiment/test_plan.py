"""The plan of an experiment: every arm in every block, in drawn orders, and what is left of it."""

from dataclasses import replace

import pytest

from bench.experiment.plan import FULL, QUICK, Size, as_text, draw, limits, seconds, visits
from bench.load.profiles import CAPACITY
from bench.records.experiment import Step
from stack.settings import Settings, Variant

OF_THESIS, OURS = Settings(variant=Variant(thesis=1)), Settings()
STACKS = {"tf-default": OF_THESIS, "tf-threads": OF_THESIS, "tf-tuned": OURS}
PLAN = draw("trial", STACKS, Size(3, 7, FULL), "2026-11-24T12:00:00+00:00")
VISITED = {"tf-default", "tf-threads", "tf-tuned", "tf-default@twin"}


def done(block: int, arm: str, what: str, fault: str = "") -> Step:
    return Step(block, arm, what, "2026-11-24T12:00:00+00:00", 1.0, 1.0, fault)


def test_every_block_visits_every_arm_once_in_an_order_of_its_own() -> None:
    assert [set(order) for order in PLAN.order] == [VISITED] * 3
    assert len(set(PLAN.order)) > 1


def test_one_seed_gives_one_order() -> None:
    again = draw("trial", STACKS, Size(3, 7, FULL), PLAN.created)
    assert again == PLAN
    assert draw("trial", STACKS, Size(3, 8, FULL), PLAN.created).order != PLAN.order


def test_every_experiment_has_an_a_a_pair_and_a_run_through_port_forward() -> None:
    twins = [arm for arm in PLAN.arms if arm.twin_of]
    forwards = [arm for arm in PLAN.arms if arm.through_port_forward]
    assert [(arm.stack, arm.twin_of) for arm in twins] == [("tf-default", "tf-default")]
    assert [arm.stack for arm in forwards] == ["tf-default"]


def test_only_the_thesis_variants_get_its_load() -> None:
    assert "thesis" in PLAN.parts["tf-threads"]
    assert "thesis" not in PLAN.parts["tf-tuned"]
    assert all(CAPACITY in PLAN.parts[name] for name in VISITED)


@pytest.mark.parametrize("part", ["baseline", "serial"])
def test_what_one_request_costs_is_asked_at_every_visit(part: str) -> None:
    asked = {(each.block, each.arm.name) for each in visits(PLAN, ()) if part in each.parts}
    assert asked == {(block, name) for block in (1, 2, 3) for name in VISITED}


def test_what_the_journal_holds_is_not_done_again() -> None:
    first = PLAN.order[0][0]
    journal = [done(1, first, part) for part in PLAN.parts[first]]
    left = visits(PLAN, journal)
    names = [(each.block, each.arm.name) for each in left]
    forward_is_left = first == "tf-default"
    assert ((1, first) in names) == forward_is_left
    assert len(left) == 12 - (not forward_is_left)


def test_a_part_that_failed_is_done_again_and_alone() -> None:
    parts = PLAN.parts["tf-threads"]
    journal = [done(2, "tf-threads", part, "no answer" if part == CAPACITY else "") for part in parts]
    (left,) = [each for each in visits(PLAN, journal) if (each.block, each.arm.name) == (2, "tf-threads")]
    assert left.parts == (CAPACITY,)


def test_a_run_through_port_forward_is_not_repeated_with_what_is_left_of_its_stack() -> None:
    journal = [done(2, "tf-default@port-forward", "thesis"), done(2, "tf-default", "thesis")]
    left = {each.block: each for each in visits(PLAN, journal) if each.arm.name == "tf-default"}
    assert left[2].parts == ("serial", "baseline", CAPACITY)
    assert left[2].forward is None
    assert left[1].forward and left[1].forward.name == "tf-default@port-forward"


def test_a_finished_experiment_has_nothing_left() -> None:
    journal = [
        done(block, arm.name, part)
        for block in (1, 2, 3)
        for arm in PLAN.arms
        for part in PLAN.parts[arm.name]
    ]
    assert visits(PLAN, journal) == ()


def test_the_plan_tells_its_time() -> None:
    left = visits(PLAN, ())
    assert f"12 visits left, about {sum(seconds(PLAN, each) for each in left) / 60:.0f} minutes" in as_text(
        PLAN, left
    )


def test_a_quick_experiment_is_shorter_and_says_what_it_cannot_conclude() -> None:
    quick = draw("quick", STACKS, Size(1, 7, QUICK), PLAN.created)
    assert quick.quick
    assert sum(seconds(quick, each) for each in visits(quick, ())) < 12 * 60
    assert any("no difference may be claimed" in each for each in limits(quick))
    assert "cannot conclude" in as_text(quick, visits(quick, ()))
    assert limits(PLAN) == ()


def test_steps_after_a_low_load_that_no_autoscaler_has_settled_to_are_told_to_find_it_scaling() -> None:
    size = Size(5, 7, replace(FULL, step_rate=100))
    short = replace(size, budget=replace(size.budget, step_seconds=(20, 90, 5)))
    assert limits(draw("steps", STACKS, size, PLAN.created)) == ()
    (told,) = limits(draw("steps", STACKS, short, PLAN.created))
    assert "20 s of low load before a step are less than an autoscaler takes" in told
    assert "--before 30" in told


def test_a_visit_that_costs_nothing_more_is_shorter() -> None:
    whole = visits(PLAN, ())[0]
    assert seconds(PLAN, replace(whole, parts=())) < seconds(PLAN, whole)


def test_an_experiment_of_steps_is_a_step_a_visit_without_twins() -> None:
    steps = draw("steps", STACKS, Size(5, 7, replace(FULL, step_rate=100)), PLAN.created)
    assert [arm.name for arm in steps.arms] == list(STACKS)
    assert set(steps.parts.values()) == {("step",)}
    assert len(visits(steps, ())) == 15
    assert seconds(steps, visits(steps, ())[0]) > sum(steps.budget.step_seconds)
