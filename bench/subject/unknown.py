"""Why an autoscaler's metric is `<unknown>`: the most fundamental cause wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.subject.objects import Autoscaler, Condition, Deployment, Pod, Scaled
from stack.endings import DEPLOY_KEDA, EXTERNAL_API, METRICS_API
from stack.namespaces import KEDA

# Two samples make a rate; metrics-server takes one every 15 s (its manifests' --metric-resolution), at first
# up to 15 s after the pod's start, and the autoscaler looks every 15 s.
YOUNG_SECONDS = 60.0


@dataclass(frozen=True)
class Scene:
    """What decides an autoscaler's metric.

    `metrics_api` and `external_api` are the conditions Available of the APIServices that serve CPU and KEDA's
    metrics, None where there is none.
    """

    autoscalers: tuple[Autoscaler, ...]
    deployments: tuple[Deployment, ...]
    pods: tuple[Pod, ...]
    metrics_api: Condition | None
    now: datetime
    external_api: Condition | None = None
    scaled: tuple[Scaled, ...] = ()


def cause(scaler: Autoscaler, scene: Scene) -> str | None:
    """Why the autoscaler's metric is unknown; None while it is known. The most fundamental cause wins."""
    active = scaler.conditions.get("ScalingActive")
    known = scaler.seen is not None and (active is None or active.status == "True")
    if scaler.external:
        return _of_external(scaler, scene, active, known=known)
    if known:
        return None
    own = [
        pod
        for pod in scene.pods
        if (pod.namespace, pod.component) == (scaler.namespace, scaler.deployment) and not pod.ending
    ]
    return (
        _no_deployment(scaler, scene.deployments)
        or no_metrics_api(scene.metrics_api)
        or _no_request(own)
        or _no_pod(own)
        or _not_ready(own)
        or _too_young(own, scene.now)
        or _as_the_controller_says(active)
    )


def _of_external(scaler: Autoscaler, scene: Scene, active: Condition | None, *, known: bool) -> str | None:
    """KEDA gives its autoscaler a value that is none while the fallback holds: that is not known either."""
    source = next((each for each in scene.scaled if is_of(scaler, each)), None)
    fallback = source.conditions.get("Fallback") if source else None
    if known and not (fallback and fallback.status == "True"):
        return None
    return (
        _no_deployment(scaler, scene.deployments)
        or _no_external_api(scene.external_api)
        or _fallen_back(fallback)
        or not_fed(source)
        or _as_the_controller_says(active)
    )


def is_of(scaler: Autoscaler, source: Scaled) -> bool:
    """Whether both scale the same."""
    return (scaler.namespace, scaler.deployment) == (source.namespace, source.deployment)


def _no_external_api(available: Condition | None) -> str | None:
    if available is None:
        return f"no KEDA: there is no APIService {EXTERNAL_API}; {DEPLOY_KEDA}"
    if available.status != "True":
        return f"KEDA is down: {available.reason}: {available.message}"
    return None


def _fallen_back(fallback: Condition | None) -> str | None:
    if fallback is None or fallback.status != "True":
        return None
    return "Prometheus gives KEDA no value, so that its fallback holds the pods: kubectl logs -n " + (
        f"{KEDA} deploy/keda-operator"
    )


def not_fed(source: Scaled | None) -> str | None:
    """Why KEDA cannot serve a ScaledObject, as it says; None where it can."""
    ready = source.conditions.get("Ready") if source else None
    if ready is None or ready.status == "True":
        return None
    return f"KEDA cannot serve its ScaledObject: {ready.reason}: {ready.message}"


def _no_deployment(scaler: Autoscaler, known: Iterable[Deployment]) -> str | None:
    names = {(each.namespace, each.name): each for each in known}
    found = names.get((scaler.namespace, scaler.deployment))
    if found is None:
        return f"its Deployment {scaler.deployment} does not exist; run: pulumi up"
    if found.wanted == 0:
        return f"its Deployment {scaler.deployment} is scaled to 0, which switches autoscaling off"
    return None


def no_metrics_api(available: Condition | None) -> str | None:
    """Why nobody sees what pods use; None where somebody does."""
    if available is None:
        return f"no metrics-server: there is no APIService {METRICS_API}; deploy the stack of the platform"
    if available.status != "True":
        return f"metrics-server is down: {available.reason}: {available.message}"
    return None


def _no_request(own: Sequence[Pod]) -> str | None:
    lacking = {
        container.name for pod in own for container in pod.containers if "cpu" not in container.requests
    }
    if lacking:
        return f"no CPU request on container {', '.join(sorted(lacking))}: a percentage of nothing"
    return None


def _no_pod(own: Sequence[Pod]) -> str | None:
    return None if own else "there is no pod yet"


def _not_ready(own: Sequence[Pod]) -> str | None:
    if any(pod.ready for pod in own):
        return None
    waiting = [f"{pod.name} ({_waiting(pod)})" for pod in own]
    return f"no pod is ready yet: {', '.join(waiting)}"


def _waiting(pod: Pod) -> str:
    return next((each.waiting for each in pod.containers if each.waiting), "its readiness probe fails")


def _too_young(own: Sequence[Pod], now: datetime) -> str | None:
    ages = [(now - pod.ready_since).total_seconds() for pod in own if pod.ready_since]
    if ages and max(ages) < YOUNG_SECONDS:
        return (
            f"metrics are too young: ready for {max(ages):.0f} s; two samples are there after about a minute"
        )
    return None


def _as_the_controller_says(active: Condition | None) -> str:
    if active is None:
        return "the autoscaler has not been looked at yet; its controller does so every 15 s"
    return f"{active.reason}: {active.message}"
