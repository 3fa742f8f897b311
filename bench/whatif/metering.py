"""When an autoscaler sees what: kubelet, metrics-server and Prometheus look at pods from time to time.

Intervals are upstream's defaults, as the platform of this project has them; when each begins is drawn, since
nothing aligns them. Times in seconds.
"""

from dataclasses import dataclass, field

import numpy as np

from bench.whatif.seen import Usage
from bench.whatif.serving import Pod
from stack.paces import METRICS_SECONDS

HOUSEKEEPING_SECONDS = 10.0  # the kubelet's --housekeeping-interval: so old its figures may be
FRESH_SECONDS = 10.0  # of a younger container metrics-server takes no first figure


@dataclass(frozen=True)
class Point:
    """CPU seconds that a pod had used by a time."""

    time: float
    cpu: float


@dataclass
class MetricsServer:
    """Keeps each pod's last two points; its usage is the slope between them."""

    begins: float
    draw: np.random.Generator
    points: dict[int, tuple[Point, ...]] = field(default_factory=dict)
    due: float = field(init=False)

    def __post_init__(self) -> None:
        self.due = self.begins

    def look(self, now: float, pods: list[Pod]) -> None:
        """Scrape once if it is time."""
        if now < self.due:
            return
        self.due += METRICS_SECONDS
        age = self.draw.uniform(0, HOUSEKEEPING_SECONDS)  # of one node's kubelet
        known = self.points
        self.points = {pod.number: _points(pod, now - age, known.get(pod.number, ())) for pod in pods}

    def usage(self, pod: Pod) -> Usage | None:
        """None until there are two points of it."""
        points = self.points.get(pod.number, ())
        if len(points) < 2:
            return None
        before, after = points
        window = after.time - before.time
        return Usage((after.cpu - before.cpu) / window, after.time, window)


def _points(pod: Pod, time: float, known: tuple[Point, ...]) -> tuple[Point, ...]:
    """The two newest; a pod that is just old enough began with nothing used."""
    if time <= pod.created or (known and time <= known[-1].time):
        return known
    if FRESH_SECONDS <= time - pod.created < METRICS_SECONDS:
        return Point(pod.created, 0.0), Point(time, pod.used(time))
    return *known[-1:], Point(time, pod.used(time))


@dataclass
class Prometheus:
    """One figure of all pods together, as the last scrape found it: a gauge, or a rate over four scrapes."""

    begins: float
    interval: float
    due: float = field(init=False)
    totals: list[float] = field(default_factory=list)
    gauge: float | None = None

    def __post_init__(self) -> None:
        self.due = self.begins

    def look(self, now: float, total: float, gauge: float) -> None:
        """Scrape a counter and a gauge once if it is time."""
        if now < self.due:
            return
        self.due += self.interval
        self.totals = [*self.totals[-4:], total]
        self.gauge = gauge

    @property
    def rate(self) -> float | None:
        """Per second; None before the second scrape."""
        seen = self.totals
        return (seen[-1] - seen[0]) / (self.interval * (len(seen) - 1)) if len(seen) > 1 else None
