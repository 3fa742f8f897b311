"""A rate on the pods of a stack: how large the batches get, how long they take, which queues they pass."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from bench.queueing.curve import Line, ServiceCurve
from bench.queueing.limit import PERIOD_MILLIS, Limit
from bench.queueing.pod import Pod
from bench.queueing.station import IN_TURNS, POISSON, SHARED, Queue, Station


@dataclass(frozen=True)
class Load:
    """`rate` requests/s, Poisson, spread evenly over equal pods on a machine with so many cores."""

    pod: Pod
    pods: int
    cores: float
    curve: ServiceCurve
    rate: float

    @property
    def pod_rate(self) -> float:
        """Requests/ms of one pod."""
        return self.rate / self.pods / 1000

    @property
    def line(self) -> Line:
        """Service times with the pod's threads."""
        return self.curve.line(self.pod.threads)

    @property
    def limit(self) -> Limit:
        """Of the pod's CPU, beside what all its lanes could use."""
        return Limit(self.pod.quota, min(self.pod.lanes * self.busy_cores(), self.cores))

    def collected(self) -> float:
        """1 + λT: the first request of a batch, and those that come within its timeout."""
        return min(1 + self.pod_rate * self.pod.window_millis, self.pod.most_rows)

    def carried(self) -> float:
        """The mean batch that collects and, where that is too small, grows until its calls carry the rate."""
        least = max(each.least_rows() for each in self._stations())
        return min(max(self.collected(), least), self.pod.most_rows)

    def mean_batch(self) -> float:
        """`carried`, or what is collected and comes in while a batch waits for the rest of a call: h / 2c.

        Self-consistent: that wait is the shorter, the more regularly batches follow each other.
        """
        rest = max(each.busy * each.hold_millis / each.servers / 2 for each in self._passed(self.carried()))
        wanted = self.collected() + self.pod_rate * rest / self.collected()
        return float(min(max(self.carried(), wanted), self.pod.most_rows))

    def window(self, share: float = 0.5) -> float:
        """The wait for a batch to be complete, in ms, that this share (0–1) of the requests does not exceed.

        Nearly all of a small batch wait for as long as its first. Full batches need B − 1 more arrivals, an
        Erlang time, here as a normal one; half of a batch's requests wait for less than half of it.
        """
        others, late = self.pod.most_rows - 1, max(0.5, 1 - (1 - share) * self.pod.most_rows / 2)
        full = (others + NormalDist().inv_cdf(late) * math.sqrt(others)) / self.pod_rate
        return min(self.pod.window_millis, full) if self.pod.fills else self.pod.window_millis

    def window_median(self) -> float:
        """Of half of the requests: in a full batch these wait for half of the others, not all as above."""
        half = (self.pod.most_rows - 1) / 2 / self.pod_rate
        return min(self.pod.window_millis, half) if self.pod.fills else self.pod.window_millis

    def service(self, rows: float) -> float:
        """One call, ms. What needs more CPU than a period of the limit holds goes on at the limit's pace."""
        alone = self.line.millis(rows)
        return max(alone, self.busy_cores() * alone / self.pod.quota - PERIOD_MILLIS)

    def queues(self) -> tuple[Queue, ...]:
        """All that a request passes."""
        return (*self._passed(self.carried()), *self._request_threads())

    def _passed(self, batch: float) -> list[Queue]:
        most, regular = self.pod.most_rows, POISSON / self.collected()
        return [each.queue(batch, most, regular) for each in self._stations()]

    def _request_threads(self) -> Iterator[Queue]:
        """A request holds its thread while its batch fills and is computed."""
        threads, stuck = self.pod.in_flight, 0.0 if self.pod.fills else self.pod.window_millis
        if threads is not None:
            hold = self.window() + self.service(self.carried())
            load = self.pod_rate * hold / threads
            full_load = self.pod_rate * (stuck + self.service(self.pod.most_rows)) / threads
            yield Queue(threads, hold, load, full_load, (POISSON + IN_TURNS) / 2)

    def _stations(self) -> tuple[Station, ...]:
        """The lanes and the CPU limit of a pod, the machine's cores."""
        pod, line, work = self.pod, self.line, self.curve.work
        busy = self.busy_cores()
        call, row = (busy * work.share * each for each in (line.call_millis, line.row_millis))
        lanes = IN_TURNS if pod.in_turns else SHARED
        limit = self.limit if self.limit.binds else None
        machine = SHARED if self.pods * pod.lanes * busy > self.cores else IN_TURNS
        return (
            Station(self.pod_rate, pod.lanes, line.call_millis, line.row_millis, lanes),
            Station(self.pod_rate, pod.quota, call, row, IN_TURNS, work.pod_millis, limit),
            Station(self.rate / 1000, self.cores, call, row, machine, work.machine_millis),
        )

    def busy_cores(self) -> float:
        """How many cores a call keeps busy, within its pod's limit."""
        return min(self.curve.busy_cores(self.pod.threads), max(1.0, self.pod.quota))
