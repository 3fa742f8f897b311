"""Percentiles, intervals and verdicts against values that are known by other means."""

import random

import pytest

from bench.records.estimates import (
    Estimate,
    needed_for_estimate,
    noise_floor,
    over_runs,
    paired_ratio,
    percentile,
    percentile_estimate,
    verdict,
)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (0.0, 1), (1.0, 100)])
def test_percentiles_are_of_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], share) == expected


def test_no_samples_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        percentile([], 0.5)


def test_the_interval_of_a_median_is_that_of_the_sign_tests_table() -> None:
    ranks = [float(n) for n in range(1, 21)]
    assert percentile_estimate(ranks, 0.5) == Estimate(10.0, 6.0, 15.0)  # n = 20: the 6th and the 15th


def test_an_interval_has_no_end_where_the_samples_cannot_bound_it() -> None:
    estimate = percentile_estimate([float(n) for n in range(1, 101)], 0.99)
    assert estimate.high is None
    assert estimate.low == 97.0


def test_the_interval_holds_the_true_percentile_about_as_often_as_it_says() -> None:
    draw, hits = random.Random(1), 0
    for _ in range(400):
        ordered = sorted(draw.random() for _ in range(500))
        estimate = percentile_estimate(ordered, 0.9)
        hits += (estimate.low or 0) <= 0.9 <= (estimate.high or 1)
    assert hits / 400 >= 0.93


@pytest.mark.parametrize(
    ("share", "width", "count"), [(0.95, 0.005, 7299), (0.99, 0.0025, 6085), (0.99, 0.0005, 152_122)]
)
def test_an_estimate_needs_samples_by_its_width(share: float, width: float, count: int) -> None:
    assert needed_for_estimate(share, width) == count


def test_a_bootstrap_over_runs_is_repeatable_and_within_the_runs() -> None:
    estimate = over_runs([10.0, 12.0, 11.0, 13.0, 9.0])
    assert estimate == over_runs([10.0, 12.0, 11.0, 13.0, 9.0])
    assert estimate.value == 11.0
    assert 9.0 < (estimate.low or 0) < 11.0 < (estimate.high or 0) < 13.0


def test_one_run_has_no_interval() -> None:
    assert over_runs([10.0]) == Estimate(10.0, None, None)
    assert paired_ratio([10.0], [10.0]) == Estimate(1.0, None, None)


def test_a_paired_ratio_is_a_geometric_mean_with_students_interval() -> None:
    ratio = paired_ratio([10.0, 10.0, 10.0], [20.0, 40.0, 80.0])
    assert ratio.value == pytest.approx(4.0)
    # logs to base 2: 1, 2, 3; deviation 1; 4.303 ÷ √3 on either side
    assert ratio.low == pytest.approx(4.0 / 2 ** (4.303 / 3**0.5))
    assert ratio.high == pytest.approx(4.0 * 2 ** (4.303 / 3**0.5))


def test_pairs_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        paired_ratio([1.0, 2.0], [1.0])


def test_the_noise_floor_is_the_far_end_of_the_twins_interval() -> None:
    assert noise_floor(Estimate(1.01, 0.8, 1.1)) == 1.25
    assert noise_floor(Estimate(1.01, None, None)) is None


@pytest.mark.parametrize(
    ("ratio", "floor", "said"),
    [
        (Estimate(0.5, 0.4, 0.6), 1.1, "lower"),
        (Estimate(2.0, 1.8, 2.2), 1.1, "higher"),
        (Estimate(1.3, 0.9, 1.8), 1.1, "no difference"),
        (Estimate(1.05, 1.02, 1.08), 1.1, "no difference"),
        (Estimate(2.0, None, None), 1.1, "unknown"),
        (Estimate(2.0, 1.8, 2.2), None, "unknown"),
    ],
)
def test_a_difference_must_be_beyond_chance_and_noise(
    ratio: Estimate, floor: float | None, said: str
) -> None:
    assert verdict(ratio, floor) == said
