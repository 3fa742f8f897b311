"""What happens while a stack scales: states seen one after another in, named events out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.records.events import CREATED, ENDING, FIRST, IN, OUT, READY, SEEN, Event
from bench.subject.objects import Autoscaler, Pod


@dataclass(frozen=True)
class State:
    """What was seen at one moment. `seconds` since the watch began; `answered` is by the pod's name."""

    seconds: float
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    answered: Mapping[str, float]


def events(before: State, now: State) -> tuple[Event, ...]:
    """What happened between two states, at the time of the later."""
    return (*_scaling(before, now), *_pods(before, now))


def _scaling(before: State, now: State) -> Iterable[Event]:
    known = {scaler.name: scaler for scaler in before.autoscalers}
    for scaler in now.autoscalers:
        was = known.get(scaler.name)
        if _above(scaler) and not (was and _above(was)):
            what = "load" if scaler.external else "CPU"
            detail = f"{what} {scaler.shown(scaler.seen)} > {scaler.shown(scaler.target)}"
            yield Event(now.seconds, scaler.deployment, SEEN, detail)
        if was and scaler.desired != was.desired:
            what = OUT if scaler.desired > was.desired else IN
            yield Event(now.seconds, scaler.deployment, what, f"{was.desired} → {scaler.desired} pods")


def _above(scaler: Autoscaler) -> bool:
    used, target = scaler.seen, scaler.target
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


def split(before: State, after: State, component: str) -> dict[str, int]:
    """The requests that each pod of a server took between two states; a pod that is new began at 0."""
    return {
        pod.name: round(after.answered[pod.name] - before.answered.get(pod.name, 0))
        for pod in sorted(after.pods, key=lambda pod: pod.name)
        if pod.component == component and pod.name in after.answered
    }
