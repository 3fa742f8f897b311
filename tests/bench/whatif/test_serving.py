"""A pod is one queue: what is computed at once equals what is computed one by one, and work is conserved."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.queueing import Limit
from bench.whatif.serving import TIMEOUT_SECONDS, Model, Pod

MODEL = Model(100.0, 0.004, ((1.0, 0.005), (90.0, 0.005)), (0.002, 0.006), (4.0,))


def pod(model: Model = MODEL) -> Pod:
    return Pod(1, 0.0, 0.0, model, times=[0.0], cpu=[0.0])


@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0, 4))
def test_waits_are_those_of_one_request_after_another(due: list[float], busy_until: float) -> None:
    made, free = pod(), busy_until
    made.free = busy_until
    waits = made.take(np.array(sorted(due)))
    for at, wait in zip(sorted(due), waits, strict=True):
        begin = max(at, free)
        assert wait == pytest.approx(begin - at, abs=1e-9)
        free = begin + 1 / MODEL.rate
    assert made.free == pytest.approx(free)


def test_at_a_cpu_limit_nobody_waits_until_a_periods_share_is_used_up() -> None:
    limited = replace(MODEL, limit=Limit(0.5, 2))
    waits = pod(limited).take(np.array([0.001] * 20))
    assert list(waits[:10]) == [0.0] * 10, "ten requests of 10 ms at the limit's pace are a period's share"
    assert 0.099 <= waits[11] < waits[19] < pod().take(np.array([0.001] * 20))[19]


def test_a_request_that_would_wait_too_long_is_given_up_and_takes_no_work() -> None:
    made = pod()
    made.free = TIMEOUT_SECONDS - 0.005
    waits = made.take(np.array([0.0, 0.0, 0.0]))
    assert [math.isnan(each) for each in waits] == [False, True, True]
    assert made.free == pytest.approx(TIMEOUT_SECONDS + 0.005)


def test_cpu_is_that_of_the_requests_and_of_no_more_than_the_pod_can_do() -> None:
    made, draw = pod(), np.random.default_rng(1)
    for begin in range(10):
        before = made.free
        due = np.sort(begin + draw.random(150 if begin < 5 else 0))
        waits = made.take(due)
        made.note(float(begin), begin + 1.0, before, int(np.count_nonzero(~np.isnan(waits))))
    steps = np.diff(made.cpu)
    assert max(steps) <= 100 * 0.004 + 1e-9
    assert made.cpu[-1] == pytest.approx(750 * 0.004), "in the end all of the work is done"
    assert made.used(0.5) == pytest.approx(made.cpu[1] / 2)
    assert (made.used(-1.0), made.used(99.0)) == (0.0, made.cpu[-1])


def test_the_mean_wait_is_that_of_queueing_theory() -> None:
    """M/D/1: ρ / (2μ(1 − ρ))."""
    draw = np.random.default_rng(7)
    due = np.cumsum(draw.exponential(1 / 80, 200_000))
    assert float(np.mean(pod().take(due))) == pytest.approx(0.8 / (2 * 100 * 0.2), rel=0.05)


def test_times_alone_have_the_percentiles_that_were_measured() -> None:
    times = MODEL.alone(np.random.default_rng(1), 100_000, 20.0)
    assert np.quantile(times, [0.5, 0.95, 0.99]) == pytest.approx([0.005, 0.007, 0.011], rel=0.02)
    assert max(times) <= 0.011


def test_a_pod_that_ends_stays_for_its_drain_and_its_queue() -> None:
    made = pod()
    made.ending, made.free = 10.0, 25.0
    assert not made.is_ready(11.0)
    assert not made.is_gone(24.0, drain=10.0)
    assert made.is_gone(25.0, drain=10.0)
