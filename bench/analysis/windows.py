"""Whether the objective is kept from moment to moment, and from when on again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.records.estimates import percentile
from bench.records.experiment import USUAL
from bench.records.samples import LEAD_SECONDS, Sample
from stack.settings import Slo

WINDOW_SECONDS = USUAL.window_seconds


@dataclass(frozen=True)
class Window:
    """Requests due in the rule's seconds from `start` on, in s since the load's start.

    `violated`: beyond the SLO's p95 or its share of errors; for its p99 the requests are too few.
    """

    start: float
    requests: int
    failed: int
    p95: float | None
    violated: bool


def windows(
    samples: Sequence[Sample], seconds: float, slo: Slo, width: float = WINDOW_SECONDS, unsent: int = 0
) -> tuple[Window, ...]:
    """The full windows of an open load, each of `width` s.

    Requests that were never sent, as no connection was free to the end, are the last ones: they are taken in
    the order in which they are due. The windows where they belong are violated.
    """
    sent_until = max(map(due, samples), default=0.0) if unsent else math.inf
    groups: list[list[Sample]] = [[] for _ in range(int(seconds / width))]
    for sample in samples:
        index = int(due(sample) // width)
        if 0 <= index < len(groups):
            groups[index].append(sample)
    found = (
        judged(
            number * width,
            [sample.latency for sample in group if sample.good],
            sum(not sample.good for sample in group),
            slo,
        )
        for number, group in enumerate(groups)
    )
    return tuple(replace(each, violated=True) if each.start + width > sent_until else each for each in found)


def due(sample: Sample) -> float:
    """In seconds since the load's start, as events are."""
    return sample.due / 1000 - LEAD_SECONDS


def judged(start: float, latencies: Sequence[float], bad: int, slo: Slo) -> Window:
    """A window by the latencies of its good answers, in ms, and how many were `bad`."""
    good, requests = sorted(latencies), len(latencies) + bad
    p95 = percentile(good, 0.95) if good else None
    slow = p95 is None or p95 > slo.p95_millis
    return Window(
        start=start,
        requests=requests,
        failed=bad,
        p95=None if p95 is None else round(p95, 3),
        violated=bool(requests) and (slow or 100 * bad / requests >= slo.error_percent),
    )


def recovered(seen: Sequence[Window], begin: float, end: float, row: int = USUAL.in_a_row) -> float | None:
    """Seconds from `begin` to the end of the last `row` violated windows in a row before `end`.

    None if no window follows them, 0 if there are none: fewer may be violated by chance.
    """
    high = [each for each in seen if begin <= each.start < end]
    ends = range(row, len(high) + 1)
    bad = [last for last in ends if all(each.violated for each in high[last - row : last])]
    if not bad:
        return 0.0
    return None if bad[-1] == len(high) else high[bad[-1]].start - begin
