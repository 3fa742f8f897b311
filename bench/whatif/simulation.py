"""A load played on pods that a scaler adds and takes away, in steps of a second; by seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from bench.queueing.limit import Floats
from bench.whatif import clients
from bench.whatif.clients import Sent
from bench.whatif.hpa import INITIALIZATION_SECONDS
from bench.whatif.metering import MetricsServer, Prometheus, Scraped
from bench.whatif.seen import Decision, History, Loop, PodSeen, Scaler, Seen
from bench.whatif.serving import Model, Pod
from stack.paces import DRAIN_SECONDS

STEP_SECONDS = 1.0
LEAD_SECONDS = 120.0  # before the load, at its first rate: the autoscaler has seen it
RECONNECT_SECONDS = (
    5.0  # the bench's clients renew a connection after it, so a new pod gets its share by then
)
SCRAPE_SECONDS = 10.0
RESIZE_SECONDS = (
    2.0  # from an updater's wish to the cgroup: 0.2 to 3 s were measured (docs/vertical-scaling.md)
)


@dataclass(frozen=True)
class World:
    """What surrounds the pods, in s. `reconnect`: a new pod's share of the requests grows for so long.

    `connections`: those of all clients together, each of which carries one request at a time; None: no
    request waits for one.
    """

    reconnect: float = RECONNECT_SECONDS
    scrape: float = SCRAPE_SECONDS
    drain: float = DRAIN_SECONDS
    connections: int | None = None


@dataclass(frozen=True)
class Moment:
    """A step that begins `at` seconds since the load's start.

    `offered` and `served` (sent and not given up) are requests of the step, `queued` at its end, also with
    clients.
    `metric`: what the autoscaler last compared, None before that. `request`: cores that each pod requests,
    0 where no scaler changes that.
    """

    at: float
    wanted: int
    ready: int
    offered: int
    served: int
    queued: float
    metric: float | None
    request: float = 0.0


@dataclass(frozen=True)
class Played:
    """Of every request when it was `due`, in s since the load's start, and its `latency`, nan: failed.

    `core_seconds` are requested, 0 where no scaler changes what a pod requests.
    """

    due: Floats
    latency: Floats
    moments: tuple[Moment, ...]
    pod_seconds: float
    core_seconds: float = 0.0


@dataclass
class _Clock:
    loop: Loop
    due: float


@dataclass(frozen=True)
class Scene:
    """One pod, what scales pods, and what surrounds them.

    `sized`: each of so many ready pods that request so many cores; 0: as the stack has it.
    """

    model: Model
    scaler: Scaler
    world: World = World()
    sized: Callable[[float, int], Model] | None = None


@dataclass
class _Play:
    model: Model
    scaler: Scaler
    world: World
    sized: Callable[[float, int], Model] | None
    draw: np.random.Generator
    due: Floats
    latency: Floats
    sent: int = 0  # requests that were handed to a pod, or failed
    pods: list[Pod] = field(default_factory=list)
    history: History = field(default=History())
    wanted: int = 0
    request: float = 0.0
    given: float = 0.0  # cores that pods request, once their node has seen to it
    ready: int = 0
    made: int = 0
    spent: float = 0.0  # s that answered requests took
    pending: Floats = field(
        default_factory=lambda: np.empty((2, 0))
    )  # when each is answered, how long it took
    metric: float | None = None
    pod_seconds: float = 0.0
    core_seconds: float = 0.0
    recent: float = 0.0  # requests/s of the step before
    resizing: float = math.inf  # when pods have the request that was asked for

    def __post_init__(self) -> None:
        """The fewest pods are there, for long; what looks at them begins at times that are drawn."""
        start = -LEAD_SECONDS
        self.clocks = [_Clock(loop, start + self.draw.uniform(0, loop.period)) for loop in self.scaler.loops]
        self.metrics = MetricsServer(start + self.draw.uniform(0, 15.0), self.draw)
        self.prometheus = Prometheus(start + self.draw.uniform(0, self.world.scrape), self.world.scrape)
        old = start - max(INITIALIZATION_SECONDS, self.world.reconnect)
        self.pods = [
            Pod(each, old, old, self.model, times=[start], cpu=[0.0]) for each in range(self.scaler.least)
        ]
        self.wanted = self.made = self.scaler.least
        self.request = self.given = self.scaler.request

    def add(self, now: float, start: float) -> None:
        """A new pod, ready after its start."""
        self.made += 1
        self.pods.append(Pod(self.made, now, now + start, self.model, times=[now], cpu=[0.0]))

    def step(self, begin: float, first: int, last: int) -> Moment:
        """Look, decide, answer what waits and the requests of this step, the `first` to the `last`."""
        self.pods = [pod for pod in self.pods if not pod.is_gone(begin, self.world.drain)]
        self.resize(begin)
        self.look(begin)
        for clock in self.clocks:
            if begin >= clock.due:
                clock.due += clock.loop.period
                self.apply(begin, clock.loop.decide(self.seen(begin), self.history))
        served = self.answer(begin, last)
        if begin >= 0:
            self.pod_seconds += len(self.pods) * STEP_SECONDS
            self.core_seconds += len(self.pods) * STEP_SECONDS * self.request
        return self.moment(begin, last - first, served, last)

    def resize(self, now: float) -> None:
        """Give every pod what was asked for, once its node has; those that share a node slow each other."""
        ready = max(1, sum(pod.is_ready(now) for pod in self.pods))
        if now < self.resizing and ready == self.ready:
            return
        if now >= self.resizing:
            self.given, self.resizing = self.request, math.inf
        self.ready = ready
        self.model = self.sized(self.given, ready) if self.sized else self.model
        for pod in self.pods:
            pod.resize(now, self.model)

    def look(self, now: float) -> None:
        """What metrics-server and Prometheus keep."""
        self.metrics.look(now, self.pods)
        done = self.pending[0] <= now
        self.spent += float(self.pending[1, done].sum())
        self.pending = self.pending[:, ~done]
        queued = sum(pod.queue(now) for pod in self.pods)
        in_flight = queued + self.recent * self.model.median(self.recent)
        self.prometheus.look(now, Scraped(self.sent, self.spent, in_flight))

    def seen(self, now: float) -> Seen:
        """As the API shows it."""
        pods = tuple(
            PodSeen(
                started=pod.created,
                ready=pod.is_ready(now),
                changed=pod.ready if pod.is_ready(now) else pod.created,
                usage=self.metrics.usage(pod),
                ending=pod.ending is not None,
            )
            for pod in self.pods
        )
        found = self.prometheus.rate if self.scaler.signal == "rate" else self.prometheus.in_flight
        load = found(self.scaler.window)
        return Seen(now, self.wanted, pods, load, self.request)

    def apply(self, now: float, decided: Decision) -> None:
        """New pods, or the end of some: those not ready first, then the youngest, as a ReplicaSet chooses."""
        self.history = decided.history
        self.metric = self.metric if decided.metric is None else decided.metric
        if decided.request is not None and decided.request != self.request:
            self.request, self.resizing = decided.request, now + RESIZE_SECONDS
        for _ in range(decided.replicas - self.wanted):
            self.add(now, float(self.draw.choice(self.model.starts)))
        staying = sorted(
            (pod for pod in self.pods if pod.ending is None),
            key=lambda pod: (pod.is_ready(now), -pod.created),
        )
        for pod in staying[: max(0, self.wanted - decided.replicas)]:
            pod.ending = now
        self.wanted = decided.replicas

    def answer(self, begin: float, last: int) -> int:
        """Hand out what waits and what is due; how many were sent and not given up."""
        ready = [pod for pod in self.pods if pod.is_ready(begin)]
        before = {pod.number: pod.free for pod in self.pods}
        due = self.due[self.sent : last]
        found = self.hand_out(begin, due, ready)
        taken = np.isfinite(found.waits)
        rate = np.count_nonzero(taken) / STEP_SECONDS / max(1, len(ready))
        served = found.waits + self.model.alone(self.draw, len(found.waits), rate)
        count = len(found.waits)
        self.latency[self.sent : self.sent + count] = found.at - due[:count] + served
        for place, pod in enumerate(ready):
            own = int(np.count_nonzero(taken & (found.places == place)))
            pod.note(begin, begin + STEP_SECONDS, before[pod.number], own)
        for pod in self.pods:
            if pod not in ready:
                pod.note(begin, begin + STEP_SECONDS, pod.free, 0)
        self.sent += count
        self.recent = count / STEP_SECONDS
        self.pending = np.hstack([self.pending, [(found.at + served)[taken], served[taken]]])
        return int(np.count_nonzero(taken))

    def hand_out(self, begin: float, due: Floats, ready: list[Pod]) -> Sent:
        """Over the connections that there are. A Service spreads them: a young pod has few as yet."""
        weights = self.spread(begin, ready)
        if self.world.connections is None or not ready:
            return clients.at_once(due, ready, weights, self.draw)
        held, before = np.maximum(1.0, self.world.connections * weights), [pod.free for pod in ready]
        if not len(due) or due[0] >= begin:
            found = clients.at_once(due, ready, weights, self.draw)
            if clients.within(held, ready, found):
                return found
            for pod, free in zip(ready, before, strict=True):
                pod.free = free
        return clients.in_turns(due, (begin, begin + STEP_SECONDS), ready, held, self.draw)

    def spread(self, now: float, ready: list[Pod]) -> Floats:
        """Each pod's share of the connections."""
        shares = np.array([min(1.0, (now - pod.ready) / max(self.world.reconnect, 1e-9)) for pod in ready])
        total = shares.sum()
        return shares / total if total > 0 else np.full(len(shares), 1 / max(1, len(shares)))

    def moment(self, at: float, offered: int, served: int, last: int) -> Moment:
        """What is kept of a step."""
        ready = sum(pod.is_ready(at) for pod in self.pods)
        queued = last - self.sent + sum(pod.queue(at + STEP_SECONDS) for pod in self.pods)
        own = self.wanted, ready, offered, served, round(queued, 1), self.metric, self.request
        return Moment(at, *own)


def play(due: Floats, seconds: float, scene: Scene, seed: int) -> Played:
    """A load of requests that are `due` in s since its start, ascending; those before it are the lead."""
    latency = np.full(len(due), np.nan)
    draw = np.random.default_rng(seed)
    made = _Play(scene.model, scene.scaler, scene.world, scene.sized, draw, due, latency)
    steps = int(np.ceil((seconds + LEAD_SECONDS) / STEP_SECONDS))
    edges = np.searchsorted(due, -LEAD_SECONDS + STEP_SECONDS * np.arange(steps + 1))
    moments = [
        made.step(-LEAD_SECONDS + number * STEP_SECONDS, int(first), int(last))
        for number, (first, last) in enumerate(pairwise(edges))
    ]
    kept = tuple(each for each in moments if each.at >= 0)
    own = slice(int(np.searchsorted(due, 0.0)), int(edges[-1]))
    return Played(due[own], latency[own], kept, made.pod_seconds, made.core_seconds)
