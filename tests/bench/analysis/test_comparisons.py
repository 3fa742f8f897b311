"""What may be called a difference."""

import pytest

from bench.analysis.cells import Cell
from bench.analysis.comparisons import (
    CAPACITY,
    P95,
    comparisons,
    floor_of,
    median_over_runs,
    noise,
    paired,
)
from bench.records.estimates import Estimate
from tests.bench.analysis.made import cell, held, made, part

BASE = (100.0, 104.0, 98.0)
STEADY = (1.0, 1.01, 0.99)


def holding(name: str, factor: float, jitter: tuple[float, ...] = STEADY, twin_of: str | None = None) -> Cell:
    """A cell that holds a multiple of the baseline's rates."""
    rates = [rate * factor * more for rate, more in zip(BASE, jitter, strict=True)]
    runs = [run for block, rate in enumerate(rates, 1) for run in held(block, rate)]
    return cell(*runs, name=name, twin_of=twin_of)


BASELINE = holding("base", 1.0)
TWIN = holding("base@twin", 1.0, (1.02, 0.98, 1.0), twin_of="base")


def words(*others: Cell, known: tuple[Cell, ...] = (BASELINE, TWIN)) -> list[str]:
    every = (*known, *others)
    return [each.word for other in others for each in comparisons(other, every, "base", noise(known))]


def test_a_difference_beyond_the_noise_is_named_and_a_smaller_one_is_none() -> None:
    assert words(holding("fast", 1.5), holding("slow", 0.5), holding("same", 1.02)) == [
        "higher",
        "lower",
        "no difference",
    ]


def test_the_noise_floor_is_the_far_end_of_the_twins_interval() -> None:
    (seen,) = noise([BASELINE, TWIN])
    assert seen.ratio is not None
    assert seen.ratio.low is not None
    assert seen.ratio.high is not None
    assert seen.floor == max(seen.ratio.high, 1 / seen.ratio.low)
    assert (seen.twin, seen.original, seen.pairs) == ("base@twin", "base", 3)


def test_without_a_twin_nothing_is_a_difference() -> None:
    assert words(holding("fast", 3.0), known=(BASELINE,)) == ["unknown"]
    assert floor_of(CAPACITY, noise([BASELINE])) is None


def test_one_block_tells_no_difference() -> None:
    base, twin, fast = (
        cell(*held(1, rate), name=name, twin_of=twin_of)
        for name, rate, twin_of in (("base", 100, None), ("base@twin", 101, "base"), ("fast", 300, None))
    )
    (only,) = comparisons(fast, [base, twin, fast], "base", noise([base, twin]))
    assert (only.word, only.pairs) == ("unknown", 1)
    assert only.ratio is not None
    assert only.ratio.value == pytest.approx(3.0)
    assert only.ratio.low is None


def test_only_blocks_that_have_both_are_paired() -> None:
    ratio, pairs = paired({1: 10.0, 2: 20.0, 4: 5.0}, {2: 40.0, 3: 1.0, 4: 10.0})
    assert pairs == 2
    assert ratio is not None
    assert ratio.value == pytest.approx(2.0)


def test_a_capacity_of_zero_has_no_ratio() -> None:
    assert paired({1: 10.0, 2: 20.0}, {1: 0.0, 2: 40.0}) == (None, 2)
    assert paired({1: 10.0}, {2: 10.0}) == (None, 0)


def test_latencies_are_compared_by_the_thesis_profile() -> None:
    base = cell(*(made(block=n, total=part(20.0)) for n in (1, 2)), name="base")
    slow = cell(*(made(block=n, total=part(60.0 + n)) for n in (1, 2)), name="slow")
    told = {each.measure: each.ratio for each in comparisons(slow, [base, slow], "base", ())}
    assert set(told) == {"p50", "p95", "p99"}
    ratio = told[P95]
    assert ratio is not None
    assert ratio.value == pytest.approx(3.075, rel=1e-3)


def test_the_baseline_is_not_compared_with_itself() -> None:
    assert comparisons(BASELINE, [BASELINE, TWIN], "base", ()) == ()


def test_the_median_over_runs_lies_within_its_interval_and_one_run_has_none() -> None:
    found = median_over_runs([10.0, 11.0, 30.0])
    assert found.value == 11.0
    assert found.low is not None
    assert found.high is not None
    assert found.low < 11.0 < found.high
    assert median_over_runs([5.0]) == Estimate(5.0, None, None)
