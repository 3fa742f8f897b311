"""What happens while a stack scales: states seen one after another in, named events out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.records.events import (
    CREATED,
    ENDING,
    FIRST,
    GROW,
    GROWN,
    IN,
    OUT,
    READY,
    SEEN,
    SHRINK,
    Event,
    Held,
)
from bench.subject.objects import Autoscaler, Pod
from bench.subject.vertical import Vertical
from stack.quantities import millicores


@dataclass(frozen=True)
class State:
    """What was seen at one moment. `seconds` since the watch began; `answered` is by the pod's name."""

    seconds: float
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    answered: Mapping[str, float]
    verticals: tuple[Vertical, ...] = ()


def events(before: State, now: State) -> tuple[Event, ...]:
    """What happened between two states, at the time of the later."""
    return (*_scaling(before, now), *_recommended(before, now), *_pods(before, now), *_sizes(before, now))


def _scaling(before: State, now: State) -> Iterable[Event]:
    known = {scaler.name: scaler for scaler in before.autoscalers}
    for scaler in now.autoscalers:
        was = known.get(scaler.name)
        if _above(scaler) and not (was and _above(was)):
            what = "load" if scaler.external else "CPU"
            detail = f"{what} {scaler.shown(scaler.seen)} > {scaler.shown(scaler.target)}"
            yield Event(now.seconds, scaler.deployment, SEEN, detail)
        had = (was.desired or scaler.current) if was else scaler.desired
        if scaler.desired and scaler.desired != had:
            what = OUT if scaler.desired > had else IN
            yield Event(now.seconds, scaler.deployment, what, f"{had} → {scaler.desired} pods")


def _above(scaler: Autoscaler) -> bool:
    used, target = scaler.seen, scaler.target
    return used is not None and target is not None and used > target


def _recommended(before: State, now: State) -> Iterable[Event]:
    """A VerticalPodAutoscaler sees a need as soon as it recommends more than a pod requests."""
    known = {each.name: each for each in before.verticals}
    for scaler in now.verticals:
        was, more = known.get(scaler.name), _short(scaler, now)
        if more and not (was and _short(was, before)):
            yield Event(now.seconds, scaler.deployment, SEEN, more)


def _short(scaler: Vertical, state: State) -> str:
    """What is recommended beyond the least request of its pods; empty if nothing is."""
    own = [pod for pod in state.pods if pod.component == scaler.deployment and not pod.ending]
    has = [each.requests.get("cpu", "0") for pod in own if (each := pod.serving)]
    if scaler.recommended is None or not has:
        return ""
    least, wanted = min(has, key=millicores), scaler.recommended.target
    return f"recommended {wanted} > {least}" if millicores(wanted) > millicores(least) else ""


def _sizes(before: State, now: State) -> Iterable[Event]:
    """A pod's CPU limit: asked for first, and then given by its node."""
    known = {pod.name: pod.serving for pod in before.pods}
    for pod in now.pods:
        was, is_ = known.get(pod.name), pod.serving
        if not was or not is_:
            continue
        asked = _change(was.limits, is_.limits)
        if asked:
            yield Event(
                now.seconds, pod.component, GROW if asked > 0 else SHRINK, _told(was.limits, is_.limits)
            )
        if _change(was.has_limits, is_.has_limits) > 0:
            yield Event(now.seconds, pod.component, GROWN, _told(was.has_limits, is_.has_limits))


def _change(was: Mapping[str, str], is_: Mapping[str, str]) -> int:
    """Of the CPU, in millicores; 0 where one of both is not known."""
    known = [millicores(each["cpu"]) for each in (was, is_) if "cpu" in each]
    return known[1] - known[0] if len(known) == 2 else 0


def _told(was: Mapping[str, str], is_: Mapping[str, str]) -> str:
    return f"limit {was['cpu']} → {is_['cpu']}"


def held(state: State, component: str) -> Held:
    """What the pods of a server hold, those that end too: they keep their CPU until they are gone."""
    own = [pod for pod in state.pods if pod.component == component]
    found = [each.has_requests or each.requests for pod in own if (each := pod.serving)]
    cores = sum(millicores(each.get("cpu", "0")) for each in found) / 1000
    return Held(state.seconds, len(own), sum(pod.ready for pod in own), cores)


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
