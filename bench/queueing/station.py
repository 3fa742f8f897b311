"""Queues at one scarce resource, by approximations of queueing theory."""

import math
from dataclasses import dataclass

from bench.queueing.limit import Limit

POISSON = 1.0  # squared coefficient of variation (SCV) of the times between arrivals
IN_TURNS = 0.0  # SCV of service times that are all the same
SHARED = (
    1.0  # as if exponential: processor sharing, whose mean sojourn is that of M/M/1 for any service times
)


@dataclass(frozen=True)
class Queue:
    """A resource as calls find it.

    `servers` serve at a time, not necessarily a whole number; each call holds one for `hold_millis`. `load`
    is the share of their time in use, `full_load` what it would be with full batches: below 1 batches grow
    until the rate is carried, at 1 nothing helps. `variability` is (Ca² + Cs²) / 2 of arrivals and service.
    With a `limit` the servers are a pod's share of the cores, which it may use up early.
    """

    servers: float
    hold_millis: float
    load: float
    full_load: float
    variability: float
    limit: Limit | None = None

    @property
    def busy(self) -> float:
        """P(a call waits), by Sakasegawa (1977): ρ^(√(2(c + 1)) − 1), exact for one, however slow."""
        return math.pow(min(1.0, self.load), math.sqrt(2 * (max(1.0, self.servers) + 1)) - 1)

    def wait(self, share: float) -> float:
        """The wait, in ms, that this share (0–1) of the calls does not exceed; infinite if overloaded.

        Allen–Cunneen: the mean wait of G/G/c is that of M/M/c times (Ca² + Cs²) / 2 (Bolch et al., Queueing
        Networks and Markov Chains, 6.3); waits are taken as exponential, as in M/M/c. Where batches grow with
        the queue, M/D^[b]/c, the capacity to spare is that of full ones.
        """
        if self.full_load >= 1:
            return math.inf
        mean = self.variability * self.hold_millis / (self.servers * (1 - self.full_load))
        if self.limit:
            return self.limit.wait(self.busy, mean, share)
        return mean * math.log(self.busy / (1 - share)) if self.busy > 1 - share else 0.0


@dataclass(frozen=True)
class Station:
    """A resource and what is asked of it: requests/ms, and the ms that a call and each of its rows take.

    `service_scv` is the squared coefficient of variation of its service. `request_millis` are those that
    each request takes by itself, outside of any call.
    """

    rate: float
    servers: float
    call_millis: float
    row_millis: float
    service_scv: float
    request_millis: float = 0.0
    limit: Limit | None = None

    def load(self, rows: float) -> float:
        """Share of its time in use by calls of so many rows; above 1: overloaded."""
        return self.rate * (self.call_millis / rows + self.row_millis + self.request_millis) / self.servers

    def least_rows(self) -> float:
        """The smallest batch that carries the rate; infinite if none does.

        λ · (a + d·b) ≤ b·c for calls of a + d·b ms on c servers, hence b = λa / (c − λd).
        """
        spare = self.servers - self.rate * (self.row_millis + self.request_millis)
        return self.rate * self.call_millis / spare if spare > 0 else math.inf

    def queue(self, rows: float, most_rows: float, arrival_scv: float) -> Queue:
        """With batches of so many rows on average, and so many at most."""
        hold = self.call_millis + self.row_millis * rows + self.request_millis
        variability = (arrival_scv + self.service_scv) / 2
        return Queue(self.servers, hold, self.load(rows), self.load(most_rows), variability, self.limit)
