"""How pods answer: each takes requests one after another at its rate, in the order in which they come.

A pod is one queue. What it completes at most a second is the capacity model's (`bench.queueing`); a request
takes as long as it does alone, and waits for those before it: at a CPU limit, only once a period's share of
it is used up. Times in seconds.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from bench.queueing import Limit
from bench.queueing.limit import Floats

TIMEOUT_SECONDS = 10.0  # a client gives up, as the bench's does
SHARES = (0.0, 0.5, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Model:
    """One pod. `rate`: requests/s that it completes at most; `cpu_seconds` of a request.

    `medians`: by requests/s, how long half of the requests take at most without a queue; `spread`: how much
    p95 and p99 are above that. `starts`: from creation to ready, as measured; one is drawn for each new pod.
    `limit`: the CPU limit, where that bounds the rate.
    """

    rate: float
    cpu_seconds: float
    medians: tuple[tuple[float, float], ...]
    spread: tuple[float, float]
    starts: tuple[float, ...]
    limit: Limit | None = None

    def alone(self, draw: np.random.Generator, count: int, rate: float) -> Floats:
        """Times of requests without a queue: straight lines between the percentiles, nothing beyond them."""
        p95, p99 = self.spread
        beyond: Floats = np.interp(draw.random(count), SHARES, (0.0, 0.0, p95, p99, p99))
        return beyond + self.median(rate)

    def median(self, rate: float) -> float:
        """Without a queue, at a rate of the pod."""
        rates, medians = zip(*self.medians, strict=True)
        return float(np.interp(rate, rates, medians))


@dataclass
class Pod:
    """One pod while it lives. `free`: when it has done all that it took; `cpu`: seconds used by `times`."""

    number: int
    created: float
    ready: float
    model: Model
    free: float = -math.inf
    ending: float | None = None
    times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def is_ready(self, now: float) -> bool:
        """Whether it gets requests."""
        return self.ready <= now and self.ending is None

    def is_gone(self, now: float, drain: float) -> bool:
        """A pod that ends answers what it has, and stays for the drain at least."""
        return self.ending is not None and now >= max(self.ending + drain, self.free)

    def queue(self, now: float) -> float:
        """Requests that it has taken and not completed."""
        return max(0.0, self.free - now) * self.model.rate

    def resize(self, now: float, model: Model) -> None:
        """Another size: what waits is worked off at the new rate."""
        self.free = now + max(0.0, self.free - now) * self.model.rate / model.rate
        self.model = model

    def take(self, due: Floats) -> Floats:
        """How long requests wait, in order; nan for one that would wait too long, and is given up."""
        limit = self.model.limit
        return limit.paced(self._in_order(due), due) if limit else self._in_order(due)

    def _in_order(self, due: Floats) -> Floats:
        if not len(due):
            return due
        gap = 1 / self.model.rate
        if max(0.0, self.free - due[0]) + len(due) * gap > TIMEOUT_SECONDS:
            return self._one_by_one(due, gap)
        places = np.arange(len(due))
        begins = np.maximum.accumulate(np.maximum(due, self.free) - gap * places) + gap * places
        self.free = float(begins[-1]) + gap
        waits: Floats = begins - due
        return waits

    def _one_by_one(self, due: Floats, gap: float) -> Floats:
        waits = np.full(len(due), np.nan)
        for place, at in enumerate(due):
            begin = max(float(at), self.free)
            if begin - at <= TIMEOUT_SECONDS:
                waits[place], self.free = begin - at, begin + gap
        return waits

    def note(self, begin: float, now: float, before: float, taken: int) -> None:
        """Its CPU of a step: it worked for what came in, less what is left more than before it (`free`)."""
        left = max(0.0, before - begin) + taken / self.model.rate - max(0.0, self.free - now)
        spent = max(0.0, left) * self.model.rate * self.model.cpu_seconds
        self.times.append(now)
        self.cpu.append((self.cpu[-1] if self.cpu else 0.0) + spent)

    def used(self, time: float) -> float:
        """CPU seconds by a time: straight lines between steps."""
        place = bisect_right(self.times, time)
        if place == 0:
            return 0.0
        if place == len(self.times):
            return self.cpu[-1]
        before, after = self.times[place - 1], self.times[place]
        share = (time - before) / (after - before)
        return self.cpu[place - 1] + share * (self.cpu[place] - self.cpu[place - 1])
