"""The figures of a cell under each kind of load: percentiles of every run, then their median over runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis import batching
from bench.analysis.batching import BatchPoint
from bench.analysis.capacities import at_capacity
from bench.analysis.cells import Cell
from bench.analysis.comparisons import median_over_runs
from bench.records.estimates import Estimate
from bench.records.parts import CONFIRM, RATE, SERIAL, SOAK, THESIS, TRACE
from bench.records.profile import Open, Trace
from bench.records.run import PodUse, Stretch, Summary
from bench.records.store import Run
from bench.trial.summarise import SHARES


@dataclass(frozen=True)
class Usage:
    """What the serving pods used: medians over runs; None where nothing was counted.

    CPU seconds per 1,000 requests; the share of CFS periods in which a container was throttled; the server's
    own mean time of a request and its wait for a batch or a worker, ms; `pods`: those that answered.
    """

    cpu_per_1000: float | None
    throttled: float | None
    service_millis: float | None
    queue_millis: float | None
    pods: float


@dataclass(frozen=True)
class Load:
    """One kind of load on a cell, over its good runs. Rates in requests/s, latencies in ms.

    `latency` and `achieved` are medians over runs with an interval; percentiles are never pooled. A closed
    load offers no rate. `too_few` counts, by percentile, the runs whose samples are too few to claim it.
    `usage` and `batch` are of whole runs: None where a run holds several rates.
    """

    part: str
    label: str
    runs: int
    blocks: int
    requests: int
    failed: int
    offered: float | None
    achieved: Estimate
    latency: Mapping[str, Estimate]
    worst: float | None
    too_few: Mapping[str, int]
    usage: Usage | None
    batch: BatchPoint | None


@dataclass(frozen=True)
class _Stretch:
    label: str
    run: Run
    part: Stretch
    whole: bool


def loads(cell: Cell) -> tuple[Load, ...]:
    """Every kind of load that the cell has good runs of, the thesis's first."""
    groups: dict[tuple[str, str], list[_Stretch]] = {}
    for stretch in _stretches(cell):
        groups.setdefault((stretch.run.summary.part, stretch.label), []).append(stretch)
    return tuple(_load(cell, part, label, group) for (part, label), group in groups.items())


def _stretches(cell: Cell) -> Iterator[_Stretch]:
    for run in cell.good(THESIS):
        yield _Stretch("thesis profile", run, run.summary.total, True)
    for run in cell.good(SERIAL):
        yield _Stretch("one request in flight", run, run.summary.total, True)
    for run in at_capacity(cell):
        yield _Stretch("at the SLO capacity", run, run.summary.judged, True)
    for run in cell.good(RATE):
        yield from _rates(run)
    for run in cell.good(SOAK):
        yield _Stretch("soak", run, run.summary.total, True)
    for run in cell.good(TRACE):
        profile = run.summary.profile
        yield _Stretch(profile.source if isinstance(profile, Trace) else TRACE, run, run.summary.total, True)


def _rates(run: Run) -> Iterator[_Stretch]:
    profile = run.summary.profile
    phases = profile.phases if isinstance(profile, Open) else ()
    for phase, part in zip(phases, run.summary.phases, strict=False):
        yield _Stretch(f"{phase.rate:g}/s", run, part, len(phases) == 1)


def _load(cell: Cell, part: str, label: str, group: Sequence[_Stretch]) -> Load:
    parts = [stretch.part for stretch in group]
    summaries = [stretch.run.summary for stretch in group]
    latencies = [each.latency for each in parts if each.latency]
    whole = all(stretch.whole for stretch in group)
    offered = [each.offered_rate for each in parts if each.offered_rate is not None]
    return Load(
        part=part,
        label=label,
        runs=len(group),
        blocks=len({made.block for made in summaries}),
        requests=sum(each.requests for each in parts),
        failed=sum(failed(each) for each in parts),
        offered=median(offered) if offered else None,
        achieved=median_over_runs([max(each.achieved_rate, 0.001) for each in parts]),
        latency={
            name: median_over_runs([each.percentiles[name].value for each in latencies])
            for name in SHARES
            if latencies
        },
        worst=max((each.max for each in latencies), default=None),
        too_few={name: sum(name in each.too_few for each in latencies) for name in ("p95", "p99")},
        usage=usage(summaries) if whole else None,
        batch=batching.point(cell, label, summaries) if whole else None,
    )


def failed(part: Stretch) -> int:
    """Requests of a stretch that were not answered with status 200."""
    return sum(count for status, count in part.outcomes.items() if status != "200")


def usage(summaries: Sequence[Summary]) -> Usage:
    """What the pods used, each figure by run and then its median."""
    served = [made.pods for made in summaries if any(pod.requests for pod in made.pods)]
    return Usage(
        cpu_per_1000=_middle(served, cpu_per_1000),
        throttled=_middle(served, throttled),
        service_millis=_middle(served, lambda pods: _weighted(pods, lambda pod: pod.service_millis)),
        queue_millis=_middle(served, lambda pods: _weighted(pods, lambda pod: pod.queue_millis)),
        pods=median(sum(pod.requests > 0 for pod in pods) for pods in served) if served else 0.0,
    )


def cpu_per_1000(pods: Sequence[PodUse]) -> float | None:
    """CPU seconds of all pods for 1,000 requests that they counted."""
    requests = sum(pod.requests for pod in pods)
    return 1000 * sum(pod.cpu_seconds for pod in pods) / requests if requests else None


def throttled(pods: Sequence[PodUse]) -> float | None:
    """Share of the CFS periods in which a pod was held back; None without a CPU limit."""
    periods = sum(pod.cfs_periods for pod in pods)
    return sum(pod.cfs_throttled for pod in pods) / periods if periods else None


def _weighted(pods: Sequence[PodUse], figure: Callable[[PodUse], float | None]) -> float | None:
    known = [(value, pod.requests) for pod in pods if (value := figure(pod)) is not None and pod.requests]
    total = sum(count for _, count in known)
    return sum(value * count for value, count in known) / total if total else None


def _middle(
    runs: Sequence[Sequence[PodUse]], figure: Callable[[Sequence[PodUse]], float | None]
) -> float | None:
    known = [value for pods in runs if (value := figure(pods)) is not None]
    return median(known) if known else None


def find(all_: Sequence[Load], part: str) -> Load | None:
    """The first of a part."""
    return next((each for each in all_ if each.part == part), None)


def busiest(all_: Sequence[Load]) -> Load | None:
    """That at the SLO capacity, else the thesis's, else the first: where CPU and batches are told."""
    return find(all_, CONFIRM) or find(all_, THESIS) or (all_[0] if all_ else None)
