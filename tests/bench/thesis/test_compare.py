"""Figures over runs, ratios over blocks, and the rules that lead to verdicts."""

import pytest

from bench.records.estimates import Estimate
from bench.thesis import figures
from bench.thesis.compare import Over, Ratio, capacity_of, over, ratio
from bench.thesis.rules import DOES_NOT, HOLDS, UNTOLD, differs, opposite, within
from tests.bench.thesis.made import DEFAULT, TWIN, holds, look, runs, seen

ARMS = ("tf-threads", "tf-default")


def test_a_figure_that_no_run_tells_is_none() -> None:
    assert over(DEFAULT, figures.batch) is None


def test_a_figure_of_one_run_has_no_interval() -> None:
    found = over(runs(look("tf-default"), blocks=(1,)), figures.p50)
    assert found is not None
    assert (found.value.low, found.value.high, found.runs, found.blocks) == (None, None, 1, 1)


def test_only_blocks_that_have_both_arms_are_compared() -> None:
    found = ratio(seen(*DEFAULT, *TWIN, *runs(look("tf-threads"), blocks=(2, 3))), *ARMS, figures.p95)
    assert found is not None
    assert (found.pairs, found.word) == (2, "no difference")
    assert found.value.value == pytest.approx(1.0)


def test_without_twins_nothing_is_called_a_difference() -> None:
    found = ratio(seen(*DEFAULT, *runs(look("tf-threads", p95=2))), *ARMS, figures.p95)
    assert found is not None
    assert (found.floor, found.word) == (None, "unknown")


def test_a_capacity_is_over_blocks() -> None:
    found = capacity_of(seen(*holds("tf-default", 100)), "tf-default")
    assert found is not None
    assert found.value.value == pytest.approx(100.0)
    assert found.blocks == 3


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(1.1, 1.9, HOLDS), (0.5, 1.5, UNTOLD), (0.5, 0.9, DOES_NOT), (2.1, 3.0, DOES_NOT), (None, None, UNTOLD)],
)
def test_within_needs_the_whole_interval(low: float | None, high: float | None, verdict: str) -> None:
    assert within(Over(Estimate(1.5, low, high), 3, 3), 1.0, 2.0) == verdict


@pytest.mark.parametrize(
    ("value", "floor", "claimed", "verdict"),
    [
        ((0.5, 0.4, 0.6), 1.1, 0.5, HOLDS),
        ((2.0, 1.8, 2.2), 1.1, 0.5, DOES_NOT),
        ((1.0, 0.9, 1.1), 1.1, 0.5, DOES_NOT),  # half is excluded
        ((0.8, 0.5, 1.3), 1.1, 0.5, UNTOLD),  # half is not
        ((1.0, 0.9, 1.1), 2.0, 0.5, UNTOLD),  # identical stacks differ by as much
        ((1.5, 1.3, 1.7), 1.1, 1.25, HOLDS),
        ((1.0, 0.9, 1.1), None, 1.25, UNTOLD),
    ],
)
def test_a_claimed_difference_is_shown_refuted_or_left_open(
    value: tuple[float, float, float], floor: float | None, claimed: float, verdict: str
) -> None:
    assert differs(Ratio(Estimate(*value), floor, 3), claimed) == verdict


def test_the_opposite_of_what_cannot_be_told_cannot_be_told() -> None:
    assert [opposite(each) for each in (HOLDS, DOES_NOT, UNTOLD)] == [DOES_NOT, HOLDS, UNTOLD]
