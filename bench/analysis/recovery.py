"""A step of the load on an autoscaled stack: how long the objective was missed, and what happened."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.analysis.cells import Cell
from bench.analysis.loads import failed
from bench.records.estimates import percentile
from bench.records.events import IN, LOAD, UP, Event, steps
from bench.records.parts import NO_BLOCK, STEP
from bench.records.profile import Open, Phase
from bench.records.samples import LEAD_SECONDS, Sample
from bench.records.store import Run
from stack.settings import Slo

WINDOW_SECONDS = 5.0


@dataclass(frozen=True)
class Window:
    """Requests due in 5 s from `start` on, in s since the load's start. `violated`: beyond the SLO's p95 or
    its share of errors; for its p99 the requests of 5 s are too few.
    """

    start: float
    requests: int
    failed: int
    p95: float | None
    violated: bool


@dataclass(frozen=True)
class ScaleIn:
    """How often an autoscaler decided to scale in, and what was due from the first such decision on."""

    times: int
    requests: int
    failed: int


@dataclass(frozen=True)
class Recovery:
    """One step run. Times in s; `rates` of the phases in requests/s; `out` are those of the scale-out.

    `recovered`: from the step to the first window from which on no two in a row of the high phase miss the
    SLO; 0 if none ever did, None if it did not recover in time. `violating_requests` were slower than the
    SLO's p95 or failed. `failed` counts by phase: before the step, high, after it.
    """

    cell: str
    server: str
    run: str
    block: int
    step_at: float
    high_seconds: float
    rates: tuple[float, ...]
    windows: tuple[Window, ...]
    recovered: float | None
    violating_seconds: float
    violating_requests: int
    requests: int
    failed: tuple[int, ...]
    out: Mapping[str, float]
    scale_in: ScaleIn
    split: Mapping[str, int]
    events: tuple[Event, ...]


def recoveries(known: Iterable[Cell]) -> tuple[Recovery, ...]:
    """Every good step run, of a block the first: it leaves the pods scaled out.

    Raises ReadError for raw samples that cannot be read.
    """
    return tuple(recovery(cell, run) for cell in known for run in firsts(cell.good(STEP)))


def firsts(runs: Sequence[Run]) -> Iterator[Run]:
    """The first of each block, and all outside of one, of runs by block and time."""
    seen = {NO_BLOCK}
    for run in runs:
        block = run.summary.block
        if block == NO_BLOCK or block not in seen:
            yield run
        seen.add(block)


def recovery(cell: Cell, run: Run) -> Recovery:
    """What one run shows. Its profile is low, high, low; another open load's step is its second phase."""
    made, samples = run.summary, run.samples()
    phases = made.profile.phases if isinstance(made.profile, Open) else (Phase(1.0, made.total.seconds),)
    step_at = phases[0].seconds if len(phases) > 1 else 0.0
    high = phases[1].seconds if len(phases) > 1 else phases[0].seconds
    seen = windows(samples, made.total.seconds, made.slo)
    return Recovery(
        cell=cell.name,
        server=cell.server,
        run=made.run,
        block=made.block,
        step_at=step_at,
        high_seconds=high,
        rates=tuple(phase.rate for phase in phases),
        windows=seen,
        recovered=recovered(seen, step_at, step_at + high),
        violating_seconds=WINDOW_SECONDS * sum(each.violated for each in seen),
        violating_requests=sum(not each.good or each.latency > made.slo.p95_millis for each in samples),
        requests=made.total.requests,
        failed=tuple(failed(part) for part in made.phases),
        out=scale_out(made.events, step_at),
        scale_in=scale_in(made.events, samples),
        split={pod.pod: pod.requests for pod in made.pods},
        events=made.events,
    )


def windows(samples: Sequence[Sample], seconds: float, slo: Slo) -> tuple[Window, ...]:
    """The full windows of an open load."""
    groups: list[list[Sample]] = [[] for _ in range(int(seconds / WINDOW_SECONDS))]
    for sample in samples:
        index = int(_due(sample) // WINDOW_SECONDS)
        if 0 <= index < len(groups):
            groups[index].append(sample)
    return tuple(
        judged(
            number * WINDOW_SECONDS,
            [sample.latency for sample in group if sample.good],
            sum(not sample.good for sample in group),
            slo,
        )
        for number, group in enumerate(groups)
    )


def _due(sample: Sample) -> float:
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


def recovered(seen: Sequence[Window], begin: float, end: float) -> float | None:
    """Seconds from `begin` to the end of the last two violated windows in a row before `end`.

    None if no window follows them, 0 if there are none: a lone window may be violated by chance.
    """
    high = [each for each in seen if begin <= each.start < end]
    pairs = enumerate(pairwise(high), 1)
    bad = [number for number, (one, other) in pairs if one.violated and other.violated]
    if not bad:
        return 0.0
    if bad[-1] + 1 == len(high):
        return None
    return high[bad[-1] + 1].start - begin


def scale_out(events: Sequence[Event], step_at: float) -> dict[str, float]:
    """Seconds from the step to each event of the first scale-out after it."""
    server = next((event.server for event in events if event.what in UP), "")
    own = [event for event in events if event.server == server and event.what != LOAD]
    return steps((Event(step_at, server, LOAD, ""), *own)).get(server, {})


def scale_in(events: Sequence[Event], samples: Sequence[Sample]) -> ScaleIn:
    """What happened to requests while pods were taken away, and after."""
    decided = [event.seconds for event in events if event.what == IN]
    start = min(decided, default=math.inf)
    since = [sample for sample in samples if _due(sample) >= start]
    return ScaleIn(len(decided), len(since), sum(not sample.good for sample in since))
