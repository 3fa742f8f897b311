"""A stack looked at again and again: what happens to its pods and autoscalers, and each pod's count."""

import time
from collections.abc import Callable

from bench import counters
from bench.collect import timeline
from bench.collect.timeline import State
from bench.deployed import Deployed
from bench.errors import ClusterError
from bench.objects import Pod, autoscalers
from bench.records.events import Event

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
        self._last = self.look(count_all=True)

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
            self._last = now

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
        return State(self.seconds, autoscalers(scalers), found, fresh if count_all else dict(self._answered))

    def _count(self, pod: Pod) -> float | None:
        """The pod's counter; None where it cannot be read: a pod may end at any moment."""
        server = self._servers.get(pod.component)
        try:
            return self._requests(pod, server) if server else None
        except ClusterError:
            return None

    def _requests(self, pod: Pod, server: str) -> float:
        return counters.read(self._stack.cluster, pod.namespace, pod.name, server).requests
