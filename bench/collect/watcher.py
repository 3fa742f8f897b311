"""A stack looked at again and again: what happens to its pods and autoscalers, and each pod's count."""

import time
from collections.abc import Callable
from dataclasses import replace

from bench.collect import timeline
from bench.collect.timeline import State
from bench.errors import ClusterError
from bench.records.events import Event, Held
from bench.subject import counters
from bench.subject.deployed import Deployed
from bench.subject.objects import Pod, autoscalers
from bench.subject.vertical import Vertical, verticals
from stack.settings.scaling import VPA

POLL_SECONDS = 0.5


class Watcher:
    """Looks at one stack again and again; remembers what happened and each pod's last count."""

    def __init__(
        self, stack: Deployed, show: Callable[[Event], None], poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Raises ClusterError if the cluster cannot be read at all."""
        self._poll = poll_seconds
        self.events: list[Event] = []
        self.blind = 0
        self._stack, self._show = stack, show
        self._servers = {endpoint.deployment: endpoint.server for endpoint in stack.outputs.endpoints}
        self._answered: dict[str, float] = {}
        self._start = time.monotonic()
        self._vertical = self._is_vertical()
        self._last = self.look(count_all=True)
        self._held = {name: [timeline.held(self._last, name)] for name in self._servers}

    @property
    def seconds(self) -> float:
        """Since the watch began."""
        return round(time.monotonic() - self._start, 2)

    def follow(self, done: Callable[[], bool], pause: Callable[[float], object] = time.sleep) -> None:
        """Poll until `done`, a `pause` of some seconds apart; a poll without an answer is only counted."""
        while not done():
            pause(self._poll)
            try:
                now = self.look()
            except ClusterError:
                self.blind += 1
                continue
            for event in timeline.events(self._last, now):
                self.note(event)
            self._keep(now)
            self._last = now

    def held(self, deployment: str) -> tuple[Held, ...]:
        """What a server's pods held, from the watch's beginning on: a value for each change."""
        return tuple(self._held[deployment])

    def _keep(self, now: State) -> None:
        for name, known in self._held.items():
            found = timeline.held(now, name)
            if replace(found, seconds=known[-1].seconds) != known[-1]:
                known.append(found)

    def note(self, event: Event) -> None:
        """Remember and show an event."""
        self.events.append(event)
        self._show(event)

    def look(self, *, count_all: bool = False) -> State:
        """The present state; counts are of pods without an answer so far, or of all. Raises ClusterError."""
        namespace, cluster = self._stack.outputs.namespace, self._stack.cluster
        scalers = cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")
        found = self._stack.pods()
        wanted = [pod for pod in found if pod.ready and (count_all or not self._answered.get(pod.name))]
        fresh = {pod.name: count for pod in wanted if (count := self._count(pod)) is not None}
        self._answered |= fresh
        answered = fresh if count_all else dict(self._answered)
        return State(self.seconds, autoscalers(scalers), found, answered, self._verticals())

    def _is_vertical(self) -> bool:
        """Others need not be asked for, again and again."""
        wanted = self._stack.settings.autoscaling
        return wanted is not None and wanted.scaler == VPA

    def _verticals(self) -> tuple[Vertical, ...]:
        if not self._vertical:
            return ()
        namespace = self._stack.outputs.namespace
        path = f"/apis/autoscaling.k8s.io/v1/namespaces/{namespace}/verticalpodautoscalers"
        return verticals(self._stack.cluster.get(path))

    def _count(self, pod: Pod) -> float | None:
        """The pod's counter; None where it cannot be read: a pod may end at any moment."""
        server = self._servers.get(pod.component)
        try:
            return self._requests(pod, server) if server else None
        except ClusterError:
            return None

    def _requests(self, pod: Pod, server: str) -> float:
        return counters.read(self._stack.cluster, pod.namespace, pod.name, server).requests
