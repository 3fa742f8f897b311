"""Which stack to run."""

from dataclasses import replace

from bench.analysis.capacities import capacity
from bench.analysis.cells import Cell
from bench.analysis.comparisons import noise
from bench.analysis.cost import Cost
from bench.analysis.verdict import Verdict, verdict
from bench.records.parts import SEARCH
from tests.bench.analysis.made import cell, held, trial
from tests.bench.analysis.test_comparisons import BASE, BASELINE, TWIN, holding

FAST = holding("fast", 2.0)
NEAR = holding("near", 1.97, (1.0, 0.99, 1.02))


def decide(*others: Cell, prices: dict[str, float] | None = None, twins: bool = True) -> Verdict | None:
    known = [BASELINE, *([TWIN] if twins else []), *others]
    costs = {each.name: _cost((prices or {}).get(each.name, 1.0)) for each in known}
    held = {each.name: capacity(each) for each in known}
    return verdict(known, held, costs, "base", noise(known))


def _cost(requested: float) -> Cost:
    return Cost(requested, None, 1, 0.25, 0.5)


def test_the_highest_capacity_wins_and_tells_its_gain() -> None:
    found = decide(FAST, holding("slow", 0.5))
    assert found is not None
    assert (found.winner, found.lower, found.equals) == ("fast", ("base", "slow"), ())
    assert found.gain is not None
    assert (found.gain.baseline, found.gain.word, found.blocks) == ("base", "higher", 3)


def test_among_equals_the_cheapest_wins() -> None:
    found = decide(FAST, NEAR, prices={"near": 0.5})
    assert found is not None
    assert (found.winner, found.highest, found.equals) == ("near", "fast", ("fast",))


def test_one_block_of_three_is_too_little_to_win() -> None:
    lucky = cell(*held(1, 3 * BASE[0]), name="lucky")
    found = decide(FAST, lucky, prices={"lucky": 0.01})
    assert found is not None
    assert (found.winner, found.highest, found.unknown) == ("fast", "fast", ("lucky",))
    alone = verdict([lucky], {"lucky": capacity(lucky)}, {}, "lucky", ())
    assert alone is not None
    assert alone.winner == "lucky", "better than none"


def test_a_cheaper_one_that_is_lower_beyond_the_noise_does_not_win() -> None:
    found = decide(FAST, prices={"base": 0.01})
    assert found is not None
    assert found.winner == "fast"


def test_twins_and_port_forward_never_win() -> None:
    twin = holding("base@twin", 9.0, twin_of="base")
    forward = replace(holding("far", 9.0), arm=replace(FAST.arm, name="far", through_port_forward=True))
    known = [BASELINE, twin, forward, FAST]
    held = {each.name: capacity(each) for each in known}
    found = verdict(known, held, {}, "base", ())
    assert found is not None
    assert found.winner == "fast"


def test_without_noise_nothing_is_said_of_the_others() -> None:
    found = decide(FAST, NEAR, twins=False)
    assert found is not None
    assert (found.winner, found.unknown, found.floor) == ("fast", ("base", "near"), None)


def test_stacks_that_hold_nothing_are_named_and_alone_give_no_verdict() -> None:
    none = cell(trial(SEARCH, 1, 30, met=False), name="none")
    found = decide(FAST, none)
    assert found is not None
    assert found.none == ("none",)
    assert verdict([none], {"none": capacity(none)}, {}, "none", ()) is None


def test_the_baseline_may_win_without_a_gain() -> None:
    found = decide(holding("slow", 0.5))
    assert found is not None
    assert (found.winner, found.gain) == ("base", None)
