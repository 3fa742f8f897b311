"""What happens while a stack scales: states seen one after another in, named events out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.objects import Autoscaler, Pod

LOAD = "load starts"
LOAD_ENDS = "load ends"
SEEN = "metric above target"
OUT = "decision to scale out"
IN = "decision to scale in"
CREATED = "pod created"
READY = "pod ready"
FIRST = "first answer"
ENDING = "pod ends"
UP = (SEEN, OUT, CREATED, READY, FIRST)


@dataclass(frozen=True)
class State:
    """What was seen at one moment. `seconds` since the watch began; `answered` is by the pod's name."""

    seconds: float
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    answered: Mapping[str, float]


@dataclass(frozen=True)
class Event:
    """Something that happened to one server."""

    seconds: float
    server: str
    what: str
    detail: str


def events(before: State, now: State) -> tuple[Event, ...]:
    """What happened between two states, at the time of the later."""
    return (*_scaling(before, now), *_pods(before, now))


def _scaling(before: State, now: State) -> Iterable[Event]:
    known = {scaler.name: scaler for scaler in before.autoscalers}
    for scaler in now.autoscalers:
        was = known.get(scaler.name)
        if _above(scaler) and not (was and _above(was)):
            detail = f"CPU {scaler.utilization}% > {scaler.target}%"
            yield Event(now.seconds, scaler.deployment, SEEN, detail)
        if was and scaler.desired != was.desired:
            what = OUT if scaler.desired > was.desired else IN
            yield Event(now.seconds, scaler.deployment, what, f"{was.desired} → {scaler.desired} pods")


def _above(scaler: Autoscaler) -> bool:
    used, target = scaler.utilization, scaler.target
    return used is not None and target is not None and used > target


def _pods(before: State, now: State) -> Iterable[Event]:
    known = {pod.name: pod for pod in before.pods}
    for pod in now.pods:
        was = known.get(pod.name)
        if was is None:
            yield Event(now.seconds, pod.component, CREATED, pod.name)
        if pod.ready and not (was and was.ready):
            yield Event(now.seconds, pod.component, READY, pod.name)
        if now.answered.get(pod.name, 0) > 0 and not before.answered.get(pod.name, 0):
            yield Event(now.seconds, pod.component, FIRST, pod.name)
        if pod.ending and not (was and was.ending):
            yield Event(now.seconds, pod.component, ENDING, pod.name)
    left = {pod.name for pod in now.pods}
    for pod in before.pods:
        if pod.name not in left and not pod.ending:
            yield Event(now.seconds, pod.component, ENDING, pod.name)


def steps(timeline: Sequence[Event]) -> dict[str, dict[str, float]]:
    """By server, the seconds from the load's start to each step of its first scale-out.

    `pod ready` and `first answer` are those of the first pod created after the start.
    """
    starts = [event.seconds for event in timeline if event.what == LOAD]
    after = [event for event in timeline if starts and event.seconds >= starts[0]]
    servers = sorted({event.server for event in after if event.what in UP})
    return {server: _steps([e for e in after if e.server == server], starts[0]) for server in servers}


def _steps(after: Sequence[Event], start: float) -> dict[str, float]:
    new = next((event.detail for event in after if event.what == CREATED), None)
    found: dict[str, float] = {}
    for event in after:
        of_another_pod = event.what in (READY, FIRST) and event.detail != new
        if event.what in UP and not of_another_pod:
            found.setdefault(event.what, round(event.seconds - start, 1))
    return found


def split(before: State, after: State, component: str) -> dict[str, int]:
    """The requests that each pod of a server took between two states; a pod that is new began at 0."""
    return {
        pod.name: round(after.answered[pod.name] - before.answered.get(pod.name, 0))
        for pod in sorted(after.pods, key=lambda pod: pod.name)
        if pod.component == component and pod.name in after.answered
    }
