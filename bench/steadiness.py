"""Whether a load was steady: stationary windows and Little's law. Pure; times in milliseconds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.records.estimates import Estimate, percentile_estimate
from bench.records.run import Little
from bench.records.samples import Sample

WINDOW_MILLIS = 5000.0
WINDOWS = 3
SETTLE = 1000.0
TOLERANCE = 0.10  # three windows of 5 s within 10 %: the rule of NVIDIA's perf_analyzer


@dataclass(frozen=True)
class Window:
    """One window of an open load: good answers ÷ arrivals, and p95."""

    answered: float
    p95: Estimate


def windows(samples: Sequence[Sample], start: float) -> tuple[Window, ...]:
    """All full windows of 5 s since `start`; requests belong to the window in which they were due.

    A window counts as full a second after its end, when late answers are in.
    """
    now = max((sample.ended for sample in samples), default=start)
    groups: list[list[Sample]] = [[] for _ in range(int(max(0.0, now - start - SETTLE) // WINDOW_MILLIS))]
    for sample in samples:
        index = int((sample.due - start) // WINDOW_MILLIS)
        if 0 <= index < len(groups):
            groups[index].append(sample)
    return tuple(map(_window, groups))


def _window(group: Sequence[Sample]) -> Window:
    good = sorted(sample.latency for sample in group if sample.good)
    if not good:
        return Window(0.0, Estimate(math.inf, None, None))
    return Window(len(good) / len(group), percentile_estimate(good, 0.95))


def stationary(seen: Sequence[Window]) -> bool:
    """The last three windows agree in what was answered and p95 within 10 %, as far as samples can tell.

    Poisson arrivals alone make the counts of 5 s differ by more, so the share of the arrivals that was
    answered is judged; and where the intervals of all p95 overlap, a difference is not shown.
    """
    last = seen[-WINDOWS:]
    if len(last) < WINDOWS or not all(each.answered for each in last):
        return False
    return _close([each.answered for each in last]) and (
        _close([each.p95.value for each in last]) or _overlap([each.p95 for each in last])
    )


def _close(values: Sequence[float]) -> bool:
    return max(values) - min(values) <= TOLERANCE * min(values)


def _overlap(estimates: Sequence[Estimate]) -> bool:
    lows = [each.low for each in estimates if each.low is not None]
    highs = [each.high for each in estimates if each.high is not None]
    return not lows or not highs or max(lows) <= min(highs)


def little_open(samples: Sequence[Sample], start: float, end: float) -> Little:
    """Little's law over a window of an open load: what arrived before its end and left after its start.

    N is the integral of the number in the system, X and R are those of the requests that left within the
    window; they agree only if the queue neither grew nor shrank. Raises ValueError if nothing left.
    """
    present = sum(max(0.0, min(each.ended, end) - max(each.begin, start)) for each in samples)
    left = [each.latency for each in samples if start <= each.ended <= end]
    if not left:
        raise ValueError("nothing was answered")
    return Little(present / (end - start), len(left) / (end - start), fmean(left))


def little_closed(
    samples: Sequence[Sample], start: float, end: float, users: int, think_millis: float
) -> Little:
    """Little's law of a closed load: users = X · (R + think time). Raises ValueError for no answer."""
    left = [each.latency for each in samples if start <= each.ended <= end]
    if not left:
        raise ValueError("nothing was answered")
    turn = fmean(left) + think_millis
    return Little(float(users), len(left) / (end - start), turn, turn / (end - start))
