"""When an autoscaler sees what: kubelet, metrics-server and Prometheus look at pods from time to time.

Intervals are upstream's defaults, as the platform of this project has them; when each begins is drawn, since
nothing aligns them. Times in seconds.
"""

from dataclasses import dataclass, field

import numpy as np

from bench.whatif.seen import Usage
from bench.whatif.serving import Pod
from stack.paces import METRICS_SECONDS

# Between two looks of the kubelet at a container: its --housekeeping-interval, and at random as much again
# (cAdvisor 0.53, manager/container.go, jitter).
HOUSEKEEPING_SECONDS = (10.0, 20.0)
SCRAPES = 4  # of a rate without a window of its own, as the platform's
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
    kept: dict[int, tuple[float, float]] = field(default_factory=dict)
    due: float = field(init=False)

    def __post_init__(self) -> None:
        self.due = self.begins

    def look(self, now: float, pods: list[Pod]) -> None:
        """Scrape once if it is time."""
        if now < self.due:
            return
        self.due += METRICS_SECONDS
        self.kept = {pod.number: self._kept(pod, now) for pod in pods}
        known = self.points
        self.points = {
            pod.number: _points(pod, self.kept[pod.number][0], known.get(pod.number, ())) for pod in pods
        }

    def _kept(self, pod: Pod, now: float) -> tuple[float, float]:
        """When the kubelet last looked at a pod, and when it does next."""
        least, most = HOUSEKEEPING_SECONDS
        begin = max(pod.created, now - 10 * most)  # of an old pod only the last few looks matter
        last, following = self.kept.get(pod.number, (begin, begin))
        while following <= now:
            last, following = following, following + self.draw.uniform(least, most)
        return last, following

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


@dataclass(frozen=True)
class Scraped:
    """Of all pods together: requests that came, seconds that answered ones took, and requests in flight."""

    offered: float
    spent: float
    in_flight: float


@dataclass
class Prometheus:
    """What it scraped, newest last."""

    begins: float
    interval: float
    due: float = field(init=False)
    kept: list[Scraped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.due = self.begins

    def look(self, now: float, found: Scraped) -> None:
        """Scrape once if it is time."""
        if now < self.due:
            return
        self.due += self.interval
        self.kept.append(found)

    def rate(self, window: float) -> float | None:
        """Requests/s; None before the second scrape."""
        seen = self._within(window)
        return (seen[-1].offered - seen[0].offered) / self._seconds(seen) if len(seen) > 1 else None

    def in_flight(self, window: float) -> float | None:
        """By Little's law, of requests that were answered; without a window, as of the last scrape."""
        if not window:
            return self.kept[-1].in_flight if self.kept else None
        seen = self._within(window)
        return (seen[-1].spent - seen[0].spent) / self._seconds(seen) if len(seen) > 1 else None

    def _within(self, window: float) -> list[Scraped]:
        """The scrapes that PromQL's rate() has for a window in s."""
        return self.kept[-(max(2, int(window / self.interval)) if window else SCRAPES) :]

    def _seconds(self, seen: list[Scraped]) -> float:
        return self.interval * (len(seen) - 1)
