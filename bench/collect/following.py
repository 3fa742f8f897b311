"""A stack followed in the background while a load runs: pods, autoscalers, counters of pods that may go."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from bench.collect import pods
from bench.collect.pods import Look
from bench.collect.watcher import Watcher
from bench.errors import ClusterError
from bench.records.events import Event, Held
from bench.subject.deployed import Deployed
from bench.subject.objects import items, moment, text
from stack.outputs import Endpoint

FIXED_POLL_SECONDS = 5.0  # nothing should happen there
SCALED_POLL_SECONDS = 1.0
COUNT_SECONDS = 15.0


class Following:
    """Follows one server of a stack from `with` to its end; never disturbs the load by failing."""

    def __init__(self, stack: Deployed, endpoint: Endpoint) -> None:
        """Raises ClusterError if the cluster cannot be read at all."""
        self._stack, self._endpoint = stack, endpoint
        self._scaled = stack.settings.autoscaling is not None
        poll = SCALED_POLL_SECONDS if self._scaled else FIXED_POLL_SECONDS
        self._over = threading.Event()
        self._began = datetime.now().astimezone()
        self._watcher = Watcher(stack, lambda _: None, poll)
        self._first = pods.look(stack, endpoint)
        self._last: dict[str, pods.PodCounts] = dict(self._first)
        self._threads = [threading.Thread(target=self._watch), threading.Thread(target=self._count)]

    def __enter__(self) -> Self:
        for thread in self._threads[: 2 if self._scaled else 1]:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._last |= self._look()

    @property
    def began(self) -> float:
        """When it began, Unix time."""
        return self._began.timestamp()

    @property
    def looks(self) -> tuple[Look, Look]:
        """Every pod's counters at the beginning, and at its end or last look."""
        return self._first, self._last

    def events(self, start: float) -> tuple[Event, ...]:
        """What happened to the server, in seconds since `start` (Unix time); Kubernetes' own events too."""
        shift = self.began - start
        seen = [replace(each, seconds=round(each.seconds + shift, 1)) for each in self._watcher.events]
        told = [replace(each, seconds=round(each.seconds - start, 1)) for each in self._told()]
        own = [each for each in (*seen, *told) if each.server == self._endpoint.deployment]
        return tuple(sorted(own, key=lambda event: event.seconds))

    def held(self, start: float) -> tuple[Held, ...]:
        """What the server's pods held, in seconds since `start` (Unix time)."""
        shift, found = self.began - start, self._watcher.held(self._endpoint.deployment)
        return tuple(replace(each, seconds=round(each.seconds + shift, 1)) for each in found)

    def _watch(self) -> None:
        self._watcher.follow(self._over.is_set, self._over.wait)

    def _count(self) -> None:
        while not self._over.wait(COUNT_SECONDS):
            self._last |= self._look()

    def _look(self) -> Look:
        try:
            return pods.look(self._stack, self._endpoint)
        except ClusterError:
            return {}

    def _told(self) -> Sequence[Event]:
        try:
            path = f"/api/v1/namespaces/{self._stack.outputs.namespace}/events"
            listed = self._stack.cluster.get(path)
        except ClusterError:
            return ()
        return kubernetes_events(items(listed, "items"), self._began, self._endpoint.deployment)


class NotFollowed(Following):
    """In place of a stack that nobody can look into."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    def looks(self) -> tuple[Look, Look]:
        """No pods."""
        return {}, {}

    def events(self, _: float) -> tuple[Event, ...]:
        """None is known."""
        return ()

    def held(self, _: float) -> tuple[Held, ...]:
        """Nothing is known."""
        return ()


def kubernetes_events(listed: Sequence[object], since: datetime, deployment: str) -> tuple[Event, ...]:
    """Events of a Deployment's objects since a moment; `seconds` are Unix time.

    They are called after it, KEDA's autoscaler with a word before.
    """
    found = []
    for each in listed:
        written = text(each, "lastTimestamp") or text(each, "eventTime")
        if not written or deployment not in text(each, "involvedObject", "name"):
            continue
        if (when := moment(written)) >= since:
            what, told = text(each, "reason"), text(each, "message")[:200]
            found.append(Event(when.timestamp(), deployment, f"event {what}", told))
    return tuple(found)
