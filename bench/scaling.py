"""`python -m bench watch`: time a stack's autoscaling, with or without load of its own."""

import argparse
import base64
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import counters, stack, timeline
from bench.cluster import Cluster, ClusterError
from bench.inspect import SERVING
from bench.objects import Pod, autoscalers, pods
from bench.openloop import Load, LoadError, Sent, send, summarize
from bench.predict import DIALECTS, read_photo
from bench.timeline import Event, State
from stack.outputs import Endpoint, StackOutputs

POLL_SECONDS = 0.5
MOST_SECONDS = 3600
LEAD_SECONDS = 5.0  # quiet before the load step
PHOTOS = stack.ROOT / "artifacts" / "photos"


@dataclass(frozen=True)
class Watched:
    """A finished watch.

    `steps` and `split` are by server: seconds from the load's start, and requests by pod from the load's
    start to its end. `blind` polls got no answer from the API server.
    """

    stack: str
    resolution_seconds: float
    blind: int
    events: tuple[Event, ...]
    steps: Mapping[str, Mapping[str, float]]
    load: Mapping[str, Sent]
    split: Mapping[str, Mapping[str, int]]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `watch`."""
    command.add_argument("stack", help="a Pulumi stack")
    command.add_argument("--seconds", type=float, default=300, help="how long to watch; default 300")
    command.add_argument("--load", type=float, help="also send so many requests/s to each server; ≤ 500")
    command.add_argument("--load-seconds", type=float, help="how long; ≤ 600, default half of --seconds")
    command.add_argument("--photo", type=Path, help="a JPEG or PNG file; default: a drawn face")
    command.add_argument("--json", action="store_true", help="print JSON at the end")


def run(options: argparse.Namespace) -> int:
    """Watch, print every event as it happens, then the figures. Raises what its parts raise."""
    load = _load(options)
    photo = read_photo(options.photo or _drawn_face()) if load else b""
    outputs = stack.read(options.stack)
    stream = sys.stderr if options.json else sys.stdout
    watched = watch(
        outputs, options.seconds, load, photo, lambda event: print(line(event), file=stream, flush=True)
    )
    print(json.dumps(asdict(watched), indent=2) if options.json else "\n" + figures(watched))
    return 0


def _load(options: argparse.Namespace) -> Load | None:
    if not 0 < options.seconds <= MOST_SECONDS:
        raise LoadError(f"--seconds: expected 0–{MOST_SECONDS} s, got {options.seconds:g}; choose another")
    if options.load is None:
        return None
    seconds = options.seconds / 2 if options.load_seconds is None else options.load_seconds
    return Load(options.load, seconds)


class Watcher:
    """Looks at one stack again and again; remembers what happened and each pod's last count."""

    def __init__(
        self, outputs: StackOutputs, show: Callable[[Event], None], poll_seconds: float | None = None
    ) -> None:
        """Raises ClusterError if the cluster cannot be read at all."""
        self._poll = POLL_SECONDS if poll_seconds is None else poll_seconds
        self.events: list[Event] = []
        self.blind = 0
        self._cluster, self._outputs, self._show = Cluster(outputs.context), outputs, show
        self._servers = {endpoint.deployment: endpoint.server for endpoint in outputs.endpoints}
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
        namespace = self._outputs.namespace
        scalers = self._cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")
        found = pods(self._cluster.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={SERVING}"))
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
        return counters.read(self._cluster, pod.namespace, pod.name, server).requests


def watch(
    outputs: StackOutputs, seconds: float, load: Load | None, photo: bytes, show: Callable[[Event], None]
) -> Watched:
    """Watch a stack; a load starts after some quiet. Raises ClusterError, LoadError."""
    targets = _targets(outputs) if load else ()
    watcher = Watcher(outputs, show)
    sent: dict[str, Sent] = {}
    taken: dict[str, dict[str, int]] = {}
    if load:
        watcher.follow(lambda: watcher.seconds >= LEAD_SECONDS)
        sent, taken = _under_load(watcher, load, targets, photo)
    watcher.follow(lambda: watcher.seconds >= seconds)
    steps = timeline.steps(watcher.events)
    return Watched(outputs.stack, POLL_SECONDS, watcher.blind, tuple(watcher.events), steps, sent, taken)


def _under_load(
    watcher: Watcher, load: Load, targets: Sequence[Endpoint], photo: bytes
) -> tuple[dict[str, Sent], dict[str, dict[str, int]]]:
    """Send the load to every target at once, and watch until it ends."""
    before = watcher.look(count_all=True)
    with ThreadPoolExecutor(len(targets)) as pool:
        watcher.note(Event(watcher.seconds, "", timeline.LOAD, f"{load.rate:g} requests/s"))
        sending = {
            each.server: pool.submit(send, load, each.url or "", _body(each, photo)) for each in targets
        }
        watcher.follow(lambda: all(each.done() for each in sending.values()))
    after = watcher.look(count_all=True)
    watcher.note(Event(watcher.seconds, "", timeline.LOAD_ENDS, ""))
    sent = {server: summarize(each.result()) for server, each in sending.items()}
    return sent, {each.server: timeline.split(before, after, each.deployment) for each in targets}


def _targets(outputs: StackOutputs) -> tuple[Endpoint, ...]:
    inside = [endpoint.server for endpoint in outputs.endpoints if endpoint.url is None]
    if inside:
        raise LoadError(f"{', '.join(inside)}: reached only inside the cluster; set service.type to NodePort")
    return outputs.endpoints


def _body(endpoint: Endpoint, photo: bytes) -> object:
    return DIALECTS[endpoint.server].body(base64.b64encode(photo).decode())


def _drawn_face() -> Path:
    return next(iter(sorted(PHOTOS.glob("*"))), PHOTOS)


def line(event: Event) -> str:
    """One event for people."""
    return f"{event.seconds:8.1f} s  {event.server:<20}{event.what:<24}{event.detail}".rstrip()


def figures(watched: Watched) -> str:
    """What the watch measured, for people."""
    lines = [
        f"{server}: {step} {seconds:.1f} s after the load's start (± {watched.resolution_seconds:g} s)"
        for server, steps in watched.steps.items()
        for step, seconds in steps.items()
    ]
    lines += [_sent(server, sent) for server, sent in watched.load.items()]
    for server, pods_ in watched.split.items():
        total = sum(pods_.values()) or 1
        lines += [f"{server}: {pod} took {n} requests ({n / total:.0%})" for pod, n in pods_.items()]
    if watched.blind:
        lines.append(f"{watched.blind} looks without an answer from the API server")
    return "\n".join(lines)


def _sent(server: str, sent: Sent) -> str:
    outcomes = ", ".join(f"{count} × {outcome}" for outcome, count in sorted(sent.outcomes.items()))
    return (
        f"{server}: {sent.requests} requests, open loop, a new connection each: {outcomes}; "
        f"p50 {sent.p50_millis} ms, p95 {sent.p95_millis} ms from the scheduled send"
    )
