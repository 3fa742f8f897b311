"""A step of the load on a stack: how long the objective was missed, what happened, what it took."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.analysis.cells import Cell, calm_seconds
from bench.analysis.loads import failed
from bench.analysis.windows import WINDOW_SECONDS, Window, due, recovered, windows
from bench.records.events import BIGGER, LESS, LOAD, MORE, UP, Event, Held, steps
from bench.records.experiment import USUAL, Rule
from bench.records.parts import NO_BLOCK, STEP
from bench.records.profile import Open, Phase
from bench.records.samples import Sample
from bench.records.store import Run


@dataclass(frozen=True)
class ScaleIn:
    """How often an autoscaler decided for less, and what was due from the first such decision on."""

    times: int
    requests: int
    failed: int


@dataclass(frozen=True)
class Recovery:
    """One step run. Times in s; `rates` of the phases in requests/s; `out` are those of the scale-out.

    `recovered`: by the experiment's rule, from the step on; 0 if the SLO was kept, None if it did not recover
    in time. `violating_requests` were slower than the SLO's p95, failed, or found no connection to the end.
    `failed` counts by phase: before the step, high, after it. `goodput`: good answers within the SLO's p95,
    requests/s while the load was high. `pod_seconds` and `core_seconds`, of the CPU that pods requested, are
    of the whole load, from `held`; None where that was not kept, as before schema 5 of a summary.
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
    window_seconds: float = WINDOW_SECONDS
    goodput: float | None = None
    flaps: int = 0
    pod_seconds: float | None = None
    core_seconds: float | None = None
    held: tuple[Held, ...] = ()

    @property
    def pods_before(self) -> int | None:
        """Those that were there as the step began; None where that was not kept."""
        known = [each.pods for each in self.held if each.seconds <= self.step_at]
        return known[-1] if known else None


def recoveries(known: Iterable[Cell], rule: Rule = USUAL) -> tuple[Recovery, ...]:
    """Every good step run, of a block the first: it leaves the pods scaled out.

    Raises ReadError for raw samples that cannot be read.
    """
    return tuple(recovery(cell, run, rule) for cell in known for run in firsts(cell.good(STEP)))


def firsts(runs: Sequence[Run]) -> Iterator[Run]:
    """The first of each block, and all outside of one, of runs by block and time."""
    seen = {NO_BLOCK}
    for run in runs:
        block = run.summary.block
        if block == NO_BLOCK or block not in seen:
            yield run
        seen.add(block)


def recovery(cell: Cell, run: Run, rule: Rule = USUAL) -> Recovery:
    """What one run shows. Its profile is low, high, low; another open load's step is its second phase."""
    made, samples = run.summary, run.samples()
    phases = made.profile.phases if isinstance(made.profile, Open) else (Phase(1.0, made.total.seconds),)
    step_at = calm_seconds(made)
    high = phases[1].seconds if len(phases) > 1 else phases[0].seconds
    unsent = made.generator.dropped  # of a good run those that no connection was free for to the end
    seen = windows(samples, made.total.seconds, made.slo, rule.window_seconds, unsent)
    within = made.phases[1] if len(made.phases) > 1 else made.total
    return Recovery(
        cell=cell.name,
        server=cell.server,
        run=made.run,
        block=made.block,
        step_at=step_at,
        high_seconds=high,
        rates=tuple(phase.rate for phase in phases),
        windows=seen,
        recovered=recovered(seen, step_at, step_at + high, rule.in_a_row),
        violating_seconds=rule.window_seconds * sum(each.violated for each in seen),
        violating_requests=unsent
        + sum(not each.good or each.latency > made.slo.p95_millis for each in samples),
        requests=made.total.requests + unsent,
        failed=tuple(failed(part) for part in made.phases),
        out=scale_out(made.events, step_at),
        scale_in=scale_in(made.events, samples),
        split={pod.pod: pod.requests for pod in made.pods},
        events=made.events,
        window_seconds=rule.window_seconds,
        goodput=within.goodput,
        flaps=flaps(made.events, (step_at, step_at + high)),
        pod_seconds=area(made.held, made.total.seconds, lambda each: each.pods),
        core_seconds=area(made.held, made.total.seconds, lambda each: each.cores),
        held=made.held,
    )


def flaps(events: Sequence[Event], turns: tuple[float, float]) -> int:
    """Decisions against the one before, as often as both fell between the same `turns` of the rate, in s."""
    begin, end = turns
    found = 0
    for low, high in ((begin, end), (end, math.inf)):
        own = [
            each.what in MORE for each in events if each.what in (*MORE, *LESS) and low <= each.seconds < high
        ]
        found += sum(one is not other for one, other in pairwise(own))
    return found


def area(held: Sequence[Held], end: float, figure: Callable[[Held], float]) -> float | None:
    """What a figure of the pods adds up to from the load's start to its `end`, in s; None: not known."""
    if not held:
        return None
    until = [*(each.seconds for each in held[1:]), math.inf]
    return round(
        sum(
            figure(each) * max(0.0, min(last, end) - max(each.seconds, 0.0))
            for each, last in zip(held, until, strict=True)
        ),
        1,
    )


def scale_out(events: Sequence[Event], step_at: float) -> dict[str, float]:
    """Seconds from the step to each event of the first scale-out after it, of pods or of CPU."""
    server = next((event.server for event in events if event.what in (*UP, *BIGGER)), "")
    own = [event for event in events if event.server == server and event.what != LOAD]
    return steps((Event(step_at, server, LOAD, ""), *own)).get(server, {})


def scale_in(events: Sequence[Event], samples: Sequence[Sample]) -> ScaleIn:
    """What happened to requests while pods, or their CPU, were taken away, and after."""
    decided = [event.seconds for event in events if event.what in LESS]
    start = min(decided, default=math.inf)
    since = [sample for sample in samples if due(sample) >= start]
    return ScaleIn(len(decided), len(since), sum(not sample.good for sample in since))
