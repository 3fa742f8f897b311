"""What counts as stationary, and where Little's law holds."""

import pytest

from bench.records.estimates import Estimate
from bench.records.samples import Sample
from bench.steadiness import Window, little_closed, little_open, stationary, windows
from tests.bench.loads import START, evenly, sample


def window(p95: float, answered: float = 1.0, spread: float = 0.0) -> Window:
    return Window(answered, Estimate(p95, p95 - spread, p95 + spread))


@pytest.mark.parametrize(
    ("seen", "settled"),
    [
        ([window(20), window(20)], False),
        ([window(20), window(21), window(20)], True),
        ([window(20), window(30), window(20)], False),
        ([window(20, spread=6), window(30, spread=6), window(20, spread=6)], True),
        ([window(20), window(20, answered=0.8), window(20)], False),
        ([window(90), window(20), window(20), window(20)], True),
        ([window(20, answered=0.0)] * 3, False),
    ],
)
def test_three_windows_must_agree_in_what_was_answered_and_in_p95(seen: list[Window], settled: bool) -> None:
    assert stationary(seen) is settled


def test_a_window_counts_once_late_answers_are_in() -> None:
    assert len(windows(evenly(rate=10, seconds=5.5), START)) == 0
    assert len(windows(evenly(rate=10, seconds=6.5), START)) == 1


def test_a_window_is_judged_by_its_share_of_answers() -> None:
    samples = [sample(START + 100 * n, status=200 if n % 2 else 503) for n in range(70)]
    (only,) = windows(samples, START)
    assert only.answered == 0.5


def test_a_window_without_a_good_answer_never_settles() -> None:
    failing = [sample(START + 100 * n, status=503) for n in range(200)]
    assert not stationary(windows(failing, START))


def test_littles_law_holds_for_a_steady_queue() -> None:
    law = little_open(evenly(rate=10, seconds=60), START, START + 60_000)
    assert law.in_flight == pytest.approx(0.2)
    assert law.holds


def test_littles_law_fails_where_the_queue_grows() -> None:
    growing = [sample(START + 10 * n, latency=20.0 * n) for n in range(600)]
    assert not little_open(growing, START, START + 6000).holds


def test_the_thesis_test_was_a_closed_loop_of_25_users() -> None:
    # 23.14 answers/s of 75.5 ms, and 1 s of thinking
    samples: list[Sample] = list(evenly(rate=23.14, seconds=120, latency=75.5))
    law = little_closed(samples, START, START + 120_000, users=25, think_millis=1000)
    assert law.throughput * law.time == pytest.approx(24.9, abs=0.05)
    assert law.holds


def test_a_short_closed_load_may_cut_a_turn_off() -> None:
    samples = evenly(rate=22.5, seconds=20, latency=75.5)
    law = little_closed(samples, START, START + 20_000, users=25, think_millis=1000)
    assert law.edge == pytest.approx(1.0755 / 20, rel=0.01)
    assert law.error < 0.05 + law.edge
    assert not little_closed(samples[:400], START, START + 20_000, users=25, think_millis=1000).holds


def test_no_answer_has_no_law() -> None:
    with pytest.raises(ValueError, match="nothing"):
        little_open([], START, START + 1000)
