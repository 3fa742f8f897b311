"""How long decode and model take by the number of rows: a straight line through what was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bench.errors import EvidenceError
from bench.records.baseline import Baseline, ServiceTime
from stack.servers import SERVERS


@dataclass(frozen=True)
class Line:
    """A call of some rows takes `call_millis` and `row_millis` for each row, with so many threads within it.

    The model's weights are read once a call, whatever its rows; decoding and arithmetic grow with them.
    """

    threads: int
    call_millis: float
    row_millis: float

    def millis(self, rows: float) -> float:
        """Of one call, alone on its cores."""
        return self.call_millis + self.row_millis * rows


@dataclass(frozen=True)
class Work:
    """CPU of a request beside decode and model, in ms: its pod's, and the machine's with the generator's.

    `share`: of a call's time in which its pod computes, where that is less than all.
    """

    pod_millis: float = 0.0
    machine_millis: float = 0.0
    share: float = 1.0


@dataclass(frozen=True)
class ServiceCurve:
    """One server's lines by threads, fewest first, and what a request costs beside decode and model.

    `overhead_millis` is how long front end, HTTP and JSON take, `work` the CPU that they take: part of it
    lies before the request and after the answer. `spread_millis`: how much p95 and p99 are above p50 with one
    request in flight, as photos differ.
    `shared_pool`: all calls share one pool of threads, which so small a model rarely fills; otherwise every
    call is one worker's, which does all of a request itself, and keeps as many cores busy as it has threads.
    Then the overhead is that of each row, or, where batches are handed over (`per_call`), that of each call.
    """

    lines: tuple[Line, ...]
    shared_pool: bool
    overhead_millis: float = 0.0
    spread_millis: tuple[float, float] = (0.0, 0.0)
    work: Work = Work()
    per_call: bool = False

    def line(self, threads: int) -> Line:
        """The measured line with the most threads up to `threads`; if there is none, that with the fewest.

        With it, where calls share no pool, the overhead.
        """
        known = [each for each in self.lines if each.threads <= threads]
        found = known[-1] if known else self.lines[0]
        if self.shared_pool:
            return found
        if self.per_call:
            return replace(found, call_millis=found.call_millis + self.overhead_millis)
        return replace(found, row_millis=found.row_millis + self.overhead_millis)

    @property
    def beside_millis(self) -> float:
        """The overhead outside of calls."""
        return self.overhead_millis if self.shared_pool else 0.0

    def busy_cores(self, threads: int) -> int:
        """How many cores a call keeps busy: OpenMP's threads spin while they wait, TensorFlow's sleep."""
        return 1 if self.shared_pool else self.line(threads).threads


def curve(baselines: Sequence[Baseline], overhead_millis: float = 0.0) -> ServiceCurve:
    """The curve of one server from its records, however many threads each had.

    Raises EvidenceError for no record, and for records of several servers.
    """
    servers = sorted({each.server for each in baselines})
    if len(servers) != 1:
        got = ", ".join(servers) or "none"
        raise EvidenceError(f"baselines: expected those of one server, got {got}; run: bench baseline STACK")
    by_threads = groupby(sorted(baselines, key=_threads), key=_threads)
    lines = tuple(
        fitted(threads, (time for each in group for time in each.times)) for threads, group in by_threads
    )
    return of_server(servers[0], lines, overhead_millis)


def of_server(server: str, lines: tuple[Line, ...], overhead_millis: float = 0.0) -> ServiceCurve:
    """The curve of a server whose lines are known."""
    told = SERVERS[server]
    return ServiceCurve(lines, told.shared_pool, max(0.0, overhead_millis), per_call=told.hands_over)


def _threads(made: Baseline) -> int:
    return made.threads


def fitted(threads: int, times: Iterable[ServiceTime]) -> Line:
    """Least squares of the relative errors, neither term below 0; medians of one row count as much as of 32.

    From a single number of rows nothing is known of what batching saves: all is taken to grow with the rows.
    """
    points = [(time.rows, max(time.p50_millis, 1e-6)) for time in times]
    weights = [1 / millis**2 for _, millis in points]
    total = sum(weights)
    rows = sum(w * r for w, (r, _) in zip(weights, points, strict=True)) / total
    middle = sum(w * m for w, (_, m) in zip(weights, points, strict=True)) / total
    spread = sum(w * (r - rows) ** 2 for w, (r, _) in zip(weights, points, strict=True))
    if spread < 1e-12 * total:
        return Line(threads, 0.0, middle / rows)
    both = sum(w * (r - rows) * (m - middle) for w, (r, m) in zip(weights, points, strict=True))
    slope = min(max(0.0, both / spread), middle / rows)
    return Line(threads, max(0.0, middle - slope * rows), slope)
