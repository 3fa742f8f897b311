"""What a CPU limit adds, beside a pod that is played with the kernel's periods."""

import random
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pytest

from bench.queueing.limit import PERIOD_MILLIS, Limit

LIMIT = Limit(quota=0.7, busy=2)
CPU = 11.0  # ms of a request


@dataclass
class Played:
    """Requests of the same work on two threads, which stop when a period's share is used up. Times in ms."""

    quota: float
    now: float = 0.0
    ends: float = PERIOD_MILLIS
    running: list[tuple[float, float]] = field(default_factory=list)  # due, work left
    waiting: deque[float] = field(default_factory=deque)
    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.quota * PERIOD_MILLIS

    def until(self, moment: float) -> None:
        while self.now < moment:
            busy = len(self.running) if self.left > 1e-9 else 0
            steps = [moment, self.ends, *([self.now + self.left / busy] if busy else [])]
            steps += [self.now + work for _, work in self.running] if busy else []
            self._go(min(steps), busy)

    def _go(self, moment: float, busy: int) -> None:
        passed, self.now = moment - self.now, moment
        if busy:
            self.left -= passed * busy
            self.running = [(due, work - passed) for due, work in self.running]
        self.times += [moment - due for due, work in self.running if work <= 1e-9]
        self.running = [(due, work) for due, work in self.running if work > 1e-9]
        while self.waiting and len(self.running) < 2:
            self.running.append((self.waiting.popleft(), CPU))
        if moment >= self.ends:
            self.ends, self.left = self.ends + PERIOD_MILLIS, self.quota * PERIOD_MILLIS

    def ask(self, due: float) -> None:
        self.until(due)
        self.waiting.append(due)
        self._go(due, 0)


def played(quota: float, rate: float, count: int = 20_000) -> list[float]:
    """How long Poisson arrivals take beyond their work: p95 and p99."""
    draw, pod, due = random.Random(0), Played(quota), 0.0
    for _ in range(count):
        due += draw.expovariate(rate / 1000)
        pod.ask(due)
    pod.until(due + 10_000)
    assert len(pod.times) == count
    return [float(np.quantile(pod.times, share)) - CPU for share in (0.95, 0.99)]


def foretold(quota: float, rate: float) -> list[float]:
    load = rate * CPU / 1000 / quota
    mean = CPU / quota / 2 / (1 - load)
    return [Limit(quota, 2).wait(load, mean, share) for share in (0.95, 0.99)]


@pytest.mark.parametrize("quota", [0.35, 0.7, 1.0])
@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_the_wait_is_that_of_a_pod_played_with_the_kernels_periods(quota: float, load: float) -> None:
    rate = load * quota / CPU * 1000
    assert foretold(quota, rate) == pytest.approx(played(quota, rate), abs=17, rel=0.35)


def test_a_pod_with_half_a_core_is_not_half_as_fast_while_little_is_asked() -> None:
    assert Limit(0.5, 2).wait(0.2, 5, 0.95) == 0


def test_without_limit_to_its_bursts_it_never_waits_longer_than_at_a_server_as_slow_as_the_limit() -> None:
    slow = 20 * np.log(0.9 / 0.05)
    assert 0 < Limit(0.7, 2).wait(0.9, 20, 0.95) < Limit(0.7, 0.8).wait(0.9, 20, 0.95) < slow


def test_requests_that_follow_one_another_stall_once_a_share_of_a_period() -> None:
    # six and a half of them use up 70 ms, so that each sixth waits: p95 and p99, not p50
    stalls = [LIMIT.stall(11.02, 11.24, share) for share in (0.5, 0.95, 0.99)]
    assert stalls == pytest.approx([0, 28.6, 28.6], abs=0.01)


@pytest.mark.parametrize(
    ("cpu", "p50", "why"),
    [(3.0, 5.0, "they use 0.6 of a core"), (2.0, 2.0, "one of 35 waits, which p95 does not see")],
)
def test_requests_that_stay_below_the_limit_do_not_stall(cpu: float, p50: float, why: str) -> None:
    assert LIMIT.stall(cpu, p50, 0.95) == 0, why


def test_who_fits_into_what_is_left_of_a_period_does_not_wait() -> None:
    paced = LIMIT.paced(np.array([0.03, 0.08, 0.18, np.nan]), np.array([0.05, 0.15, 0.25, 0.35]))
    after = 0.7 / 2
    assert paced == pytest.approx([0, 0.05 + 0.03 * after, 0.05 + 0.1 + 0.03 * after, np.nan], nan_ok=True)
