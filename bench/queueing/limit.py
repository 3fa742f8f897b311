"""A pod's CPU limit as the kernel keeps it: a share of every period, used at full speed until it is gone.

CFS bandwidth control, kernel.org/doc/html/latest/scheduler/sched-bwc.html; 100 ms are Kubernetes' default.
So a pod whose limit is half a core is not half as fast: its requests run at the machine's speed, and those
that find the share of their period used up wait for the next one.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PERIOD_MILLIS = 100.0
POINTS = 10  # moments of a period at which a request may come
HALVINGS = 20  # of the range in which a percentile lies


@dataclass(frozen=True)
class Limit:
    """`quota` cores for a pod that may keep `busy` of them in use, both above 0."""

    quota: float
    busy: float

    @property
    def binds(self) -> bool:
        """Whether the pod could use more."""
        return self.busy > self.quota

    @property
    def burst(self) -> float:
        """How many times as fast as on average the pod is while its share lasts."""
        return self.busy / self.quota

    def stall(self, cpu_millis: float, p50_millis: float, share: float) -> float:
        """What it adds, in ms, to this percentile (0–1) of requests that follow one another.

        They keep `cpu_millis / p50_millis` cores in use. If that is more than the limit, one request of as
        many as a period's share holds waits for the next period.
        """
        held, used = self.quota * PERIOD_MILLIS, cpu_millis / p50_millis
        hit = used > self.quota and cpu_millis / held > 1 - share
        return PERIOD_MILLIS - held / used if hit else 0.0

    def wait(self, chance: float, mean_millis: float, share: float) -> float:
        """The wait, in ms, that this share (0–1) of the requests does not exceed.

        `chance` and `mean_millis` are those of the queue at a server that is always as slow as the limit,
        whose waits are exponential.
        """
        if chance <= 1 - share:
            return 0.0
        low, high = 0.0, mean_millis * math.log(chance / (1 - share))  # it never takes longer than there
        if self._exceeds(low, chance, mean_millis) <= 1 - share:
            return 0.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self._exceeds(middle, chance, mean_millis) > 1 - share:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def _exceeds(self, wait: float, chance: float, mean: float) -> float:
        """The share of the requests that wait longer, wherever in a period they come."""
        rests = ((point + 0.5) * PERIOD_MILLIS / POINTS for point in range(POINTS))
        return chance / POINTS * sum(math.exp(-self._evenly(wait, rest) / mean) for rest in rests)

    def _evenly(self, wait: float, rest: float) -> float:
        """The wait at the slow server that becomes this one `rest` ms before a period's end."""
        if wait < rest:
            return rest
        periods, within = divmod(wait - rest, PERIOD_MILLIS)
        return rest + periods * PERIOD_MILLIS + min(PERIOD_MILLIS, within * self.burst)

    def paced(self, waits: Floats, due: Floats) -> Floats:
        """The waits, in s, of requests that are `due`, from those at the slow server; nan stays nan."""
        period = PERIOD_MILLIS / 1000
        rest = period - np.mod(due, period)
        periods, within = np.divmod(np.maximum(waits - rest, 0.0), period)
        paced: Floats = np.where(waits < rest, 0.0, rest + periods * period + within / self.burst)
        return paced
