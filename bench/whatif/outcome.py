"""What came of a load that was played, by the same rules by which a measured step is judged."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analysis.cost import HOUR, Prices
from bench.analysis.windows import WINDOW_SECONDS, Window, judged, recovered
from bench.queueing.limit import Floats
from bench.whatif.seen import Scaler
from bench.whatif.simulation import Moment, Played
from stack.quantities import mebibytes, millicores
from stack.settings import Resources, Settings, Slo


@dataclass(frozen=True)
class Outcome:
    """One playing. Latencies in ms of answered requests, None without any.

    `late`: slower than the objective's p95, or failed. `kept`: the whole load met the objective. `recovered`:
    s from a step to the objective kept again, 0: never missed, None: not in time, or no step was played.
    Cost in the prices' currency, of what the pods request while they exist.
    """

    requests: int
    late: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None
    kept: bool
    recovered: float | None
    violating_seconds: float
    pod_seconds: float
    most_pods: int
    cost: float
    windows: tuple[Window, ...]
    moments: tuple[Moment, ...]

    @property
    def late_share(self) -> float:
        """Of all requests."""
        return self.late / max(1, self.requests)


@dataclass(frozen=True)
class Span:
    """Where the objective must be kept again: from `begin` to `end`, in s since the load's start."""

    begin: float
    end: float


def outcome(played: Played, seconds: float, wanted: Settings, prices: Prices, step: Span | None) -> Outcome:
    """Judge one playing."""
    slo, millis = wanted.slo, 1000 * played.latency
    good = np.sort(millis[~np.isnan(millis)])
    failed = len(millis) - len(good)
    p50, p95, p99 = (_percentile(good, each) for each in (0.50, 0.95, 0.99))
    seen = tuple(windows(played, seconds, slo))
    return Outcome(
        requests=len(millis),
        late=failed + int(np.count_nonzero(good > slo.p95_millis)),
        failed=failed,
        p50=p50,
        p95=p95,
        p99=p99,
        kept=_kept(p95, p99, 100 * failed / max(1, len(millis)), slo),
        recovered=recovered(seen, step.begin, step.end) if step else None,
        violating_seconds=WINDOW_SECONDS * sum(each.violated for each in seen),
        pod_seconds=played.pod_seconds,
        most_pods=max(each.ready for each in played.moments),
        cost=charged(played, wanted.resources, prices),
        windows=seen,
        moments=played.moments,
    )


def _percentile(ordered: Floats, share: float) -> float | None:
    """By nearest rank, as of a run that was measured."""
    return round(float(ordered[math.ceil(share * len(ordered)) - 1]), 3) if len(ordered) else None


def _kept(p95: float | None, p99: float | None, failed_percent: float, slo: Slo) -> bool:
    if p95 is None or p99 is None:
        return False
    return p95 <= slo.p95_millis and p99 <= slo.p99_millis and failed_percent < slo.error_percent


def windows(played: Played, seconds: float, slo: Slo) -> Iterator[Window]:
    """The full windows of 5 s."""
    edges = np.searchsorted(played.due, WINDOW_SECONDS * np.arange(int(seconds / WINDOW_SECONDS) + 1))
    for number in range(len(edges) - 1):
        own = 1000 * played.latency[edges[number] : edges[number + 1]]
        good = own[~np.isnan(own)]
        yield judged(number * WINDOW_SECONDS, good.tolist(), len(own) - len(good), slo)


def charged(played: Played, resources: Resources, prices: Prices) -> float:
    """What pods cost by the CPU and memory that they request."""
    cores, gib = millicores(resources.cpu_request) / 1000, mebibytes(resources.memory_request) / 1024
    core_seconds = played.core_seconds or played.pod_seconds * cores
    return (core_seconds * prices.core_hour + played.pod_seconds * gib * prices.gib_hour) / HOUR


def decisions(moments: Sequence[Moment], scaler: Scaler) -> tuple[tuple[float, int], ...]:
    """When the number of pods that is asked for changed, and to what."""
    found, last = list[tuple[float, int]](), scaler.least
    for each in moments:
        if each.wanted != last:
            found.append((each.at, each.wanted))
        last = each.wanted
    return tuple(found)
