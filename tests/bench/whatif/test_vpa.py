"""The vertical autoscaler by its source: a decaying histogram, bounds that narrow, resizes that are due."""

from dataclasses import replace

import pytest

from bench.whatif.seen import Bounds, History, PodSeen, Sample, Seen, Usage
from bench.whatif.vpa import Recommender, Updater, percentile, recommended

MINUTE = 60.0
WIDE = (0.05, 2.0)


def samples(*cores: float, every: float = 15.0) -> tuple[Sample, ...]:
    return tuple(Sample(every * number, each) for number, each in enumerate(cores))


@pytest.mark.parametrize("cores", [0.003, 0.05, 0.2, 0.7, 1.9])
def test_a_percentile_is_the_end_of_its_bucket_at_most_five_percent_and_10m_above(
    cores: float,
) -> None:
    found = percentile(samples(cores), 0.9, MINUTE)
    assert cores < found <= 1.05 * cores + 0.01


def test_what_is_old_counts_for_less() -> None:
    long_ago = (*samples(0.2), Sample(10 * MINUTE, 0.7))
    assert percentile(long_ago, 0.4, MINUTE) > 0.7
    assert percentile(long_ago, 0.4, 10_000 * MINUTE) < 0.25


def test_one_new_sample_in_ten_minutes_of_a_short_half_life_is_a_tenth_of_all() -> None:
    """By hand: weights of 15 s apart with a half-life of a minute sum to 6.3; the newest is 1 of them."""
    calm = samples(*(0.2,) * 40)
    assert percentile((*calm, Sample(600.0, 0.7)), 0.9, MINUTE) > 0.7
    assert percentile((*calm, Sample(600.0, 0.7)), 0.8, MINUTE) < 0.25


def test_bounds_are_wide_while_little_is_known_and_narrow_with_time() -> None:
    young, old = (recommended(samples(*(0.4,) * count), 1e6, WIDE) for count in (8, 4 * 1440))
    assert young.lower < 0.5 * old.lower
    assert (young.upper, young.target) == (2.0, old.target)
    assert old.lower == pytest.approx(old.target, rel=0.01)


def test_a_recommendation_is_fifteen_percent_more_and_within_what_is_allowed() -> None:
    found = recommended(samples(*(0.4,) * 8), MINUTE, WIDE)
    assert found.target == pytest.approx(1.15 * percentile(samples(0.4), 0.9, MINUTE))
    assert recommended(samples(*(0.4,) * 8), MINUTE, (0.1, 0.3)).target == 0.3
    assert recommended(samples(0.0), MINUTE, (0.01, 0.3)).target == 0.025


def pod(usage: Usage | None, started: float = -100.0) -> PodSeen:
    return PodSeen(started, ready=True, changed=started, usage=usage)


def test_a_usage_is_one_sample_however_often_it_is_seen() -> None:
    recommender, history = Recommender(MINUTE, WIDE, 15.0), History()
    for now, taken in ((10.0, 5.0), (25.0, 5.0), (40.0, 35.0)):
        seen = Seen(now, 1, (pod(Usage(0.4, taken, 15.0)),))
        history = recommender.decide(seen, history).history
    assert [each.taken for each in history.samples] == [5.0, 35.0]
    assert recommender.decide(Seen(50.0, 1, (pod(None),)), History()).history.bounds is None


@pytest.mark.parametrize(
    ("request_", "age", "resized"),
    [
        (0.1, 0.0, True),  # below the lower bound
        (0.3, 59.0, False),  # within the bounds, and young
        (0.3, 60.0, True),
        (0.52, 60.0, False),  # near enough
        (0.9, 0.0, True),  # above the upper bound
    ],
)
def test_a_pod_is_resized_outside_of_its_bounds_or_when_it_is_old_enough(
    request_: float, age: float, resized: bool
) -> None:
    history = replace(History(), bounds=Bounds(0.2, 0.5, 0.8))
    decided = Updater(MINUTE, 15.0).decide(Seen(0.0, 1, (pod(None, -age),), request=request_), history)
    assert (decided.request == 0.5) is resized
    assert decided.replicas == 1


def test_without_a_recommendation_nobody_is_resized() -> None:
    assert Updater(0.0, 15.0).decide(Seen(0.0, 1, (pod(None),), request=0.1), History()).request is None
