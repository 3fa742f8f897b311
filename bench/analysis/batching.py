"""Mean batch sizes, measured and predicted by 1 + rate × timeout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.cells import Cell
from bench.records.profile import Closed
from bench.records.run import Summary
from stack.servers import SERVERS
from stack.servers.server import Window
from stack.settings import Settings


@dataclass(frozen=True)
class BatchPoint:
    """A mean batch under one kind of load: the median over runs.

    `rate`: requests/s for one pod. `predicted`: 1 + rate × timeout, at most the limit. `closed`: of users
    who wait for their answers, for whom the arithmetic of Poisson arrivals does not hold.
    """

    cell: str
    server: str
    label: str
    rate: float
    timeout_seconds: float
    limit: int
    measured: float
    predicted: float
    closed: bool


def window(settings: Settings, server: str) -> Window | None:
    """The server's batching; None where it is off or holds one request only."""
    told = SERVERS.get(server)
    if told is None:
        return None
    made = told.window(settings.of(told))
    return made if made and made.limit > 1 else None


def predicted(rate: float, limits: Window) -> float:
    """The mean batch of Poisson arrivals while workers are free: the first request opens a batch, those that
    come within the timeout join it. Where all are busy batches wait and grow beyond.
    """
    return min(float(limits.limit), 1 + rate * limits.seconds)


def point(cell: Cell, label: str, summaries: Sequence[Summary]) -> BatchPoint | None:
    """Measured beside predicted; None where the cell does not batch or counted no batch."""
    limits = window(cell.settings(), cell.server)
    seen = [(rate(made), size) for made in summaries if (size := measured(made)) is not None]
    if limits is None or not seen:
        return None
    middle = median(each for each, _ in seen)
    return BatchPoint(
        cell=cell.name,
        server=cell.server,
        label=label,
        rate=middle,
        timeout_seconds=limits.seconds,
        limit=limits.limit,
        measured=median(size for _, size in seen),
        predicted=predicted(middle, limits),
        closed=isinstance(summaries[0].profile, Closed),
    )


def points(cell: Cell) -> Iterator[BatchPoint]:
    """Every good run by itself."""
    for run in cell.good(*{made.part for made in cell.summaries}):
        made = point(cell, run.summary.part, [run.summary])
        if made:
            yield made


def measured(made: Summary) -> float | None:
    """The mean batch of all pods, weighted by their batches; None where none was counted."""
    known = [(pod.batch_size, pod.batches) for pod in made.pods if pod.batch_size and pod.batches]
    total = sum(count for _, count in known)
    return sum(size * count for size, count in known) / total if total else None


def rate(made: Summary) -> float:
    """Requests/s that one pod was sent: offered, or sent by the users of a closed load."""
    pods = sum(pod.requests > 0 for pod in made.pods) or 1
    return made.total.requests / made.total.seconds / pods
