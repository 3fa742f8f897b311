"""Metrics from the API server's objects: pure, one function a kind of object."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, cast

from embedded.standins.kube_state_metrics.exposition import Family, Sample
from embedded.standins.kube_state_metrics.quantities import quantity

Object = Mapping[str, object]
CONDITIONS = ("true", "false", "unknown")
PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")
READY, AVAILABLE = "The number of ready replicas", "The number of available replicas"
LOWER = "Lower limit for the number of pods that can be set by the autoscaler, default 1."
UPPER = (
    "Upper limit for the number of pods that can be set by the autoscaler; "
    "cannot be smaller than MinReplicas."
)
MANAGED = "number of replicas of pods managed by this autoscaler."
TARGET = "The metric specifications used by this autoscaler when calculating the desired replica count."
SEEN = "The current metric status used by this autoscaler when calculating the desired replica count."


def deployments(items: Iterable[Object]) -> tuple[Family, ...]:
    """What Deployments want and have."""
    found = list(items)

    def family(name: str, help_: str, part: str, key: str) -> Family:
        samples = ((_of(item, "deployment"), _number(_part(item, part).get(key, 0))) for item in found)
        return Family(f"kube_deployment_{name}", f"[STABLE] {help_}", "gauge", tuple(samples))

    return (
        family("spec_replicas", "Number of desired pods for a deployment.", "spec", "replicas"),
        family("status_replicas", "The number of replicas per deployment.", "status", "replicas"),
        family("status_replicas_ready", f"{READY} per deployment.", "status", "readyReplicas"),
        family("status_replicas_available", f"{AVAILABLE} per deployment.", "status", "availableReplicas"),
    )


def autoscalers(items: Iterable[Object]) -> tuple[Family, ...]:
    """Bounds, wishes and metrics of HorizontalPodAutoscalers (autoscaling/v2)."""
    found = list(items)

    def family(name: str, help_: str, part: str, key: str) -> Family:
        samples = ((_of(item, _HPA), _number(_part(item, part).get(key, 0))) for item in found)
        return Family(f"kube_horizontalpodautoscaler_{name}", f"[STABLE] {help_}", "gauge", tuple(samples))

    return (
        family("spec_min_replicas", LOWER, "spec", "minReplicas"),
        family("spec_max_replicas", UPPER, "spec", "maxReplicas"),
        family("status_current_replicas", f"Current {MANAGED}", "status", "currentReplicas"),
        family("status_desired_replicas", f"Desired {MANAGED}", "status", "desiredReplicas"),
        _autoscaler_metrics("spec_target_metric", TARGET, ("spec", "metrics", "target"), found),
        _autoscaler_metrics("status_target_metric", SEEN, ("status", "currentMetrics", "current"), found),
        _autoscaler_conditions(found),
    )


_HPA = "horizontalpodautoscaler"
_TARGETS = {"averageUtilization": "utilization", "averageValue": "average", "value": "value"}


_SOURCES = ("resource", "containerResource", "pods", "external")


def _autoscaler_metrics(
    name: str, help_: str, where: tuple[str, str, str], items: Iterable[Object]
) -> Family:
    part, key, side = where
    samples = (
        sample
        for item in items
        for metric in _list(_part(item, part).get(key))
        for source in _SOURCES
        for sample in _values(item, _part(metric, source), side)
    )
    return Family(f"kube_horizontalpodautoscaler_{name}", help_, "gauge", tuple(samples))


def _values(item: Object, source: Object, side: str) -> Iterable[Sample]:
    metric = str(source.get("name") or _part(source, "metric").get("name"))
    for key, kind in _TARGETS.items():
        value = _part(source, side).get(key)
        if value is not None:
            labels = {"metric_name": metric, "metric_target_type": kind}
            yield {**_of(item, _HPA), **labels}, quantity(str(value))


def _autoscaler_conditions(items: Iterable[Object]) -> Family:
    samples = (
        ({**_of(item, _HPA), "condition": str(condition["type"]), "status": status}, value)
        for item in items
        for condition in _list(_part(item, "status").get("conditions"))
        for status, value in _one_of(CONDITIONS, str(condition["status"]).lower())
    )
    name = "kube_horizontalpodautoscaler_status_condition"
    return Family(name, "[STABLE] The condition of this autoscaler.", "gauge", tuple(samples))


def pods(items: Iterable[Object]) -> tuple[Family, ...]:
    """Restarts, readiness, phases and resources of pods."""
    found = list(items)
    return (
        Family(
            "kube_pod_container_status_restarts_total",
            "[STABLE] The number of container restarts per container.",
            "counter",
            tuple(_restarts(found)),
        ),
        Family(
            "kube_pod_status_ready",
            "[STABLE] Describes whether the pod is ready to serve requests.",
            "gauge",
            tuple(_readiness(found)),
        ),
        Family("kube_pod_status_phase", "[STABLE] The pods current phase.", "gauge", tuple(_phases(found))),
        _resources("request", found),
        _resources("limit", found),
    )


def _restarts(items: Iterable[Object]) -> Iterable[Sample]:
    for item in items:
        for status in _list(_part(item, "status").get("containerStatuses")):
            yield {**_of_pod(item), "container": str(status["name"])}, _number(status.get("restartCount", 0))


def _readiness(items: Iterable[Object]) -> Iterable[Sample]:
    for item in items:
        for condition in _list(_part(item, "status").get("conditions")):
            if condition["type"] == "Ready":
                for state, value in _one_of(CONDITIONS, str(condition["status"]).lower()):
                    yield {**_of_pod(item), "condition": state}, value


def _phases(items: Iterable[Object]) -> Iterable[Sample]:
    for item in items:
        if present := str(_part(item, "status").get("phase", "")):
            for phase, value in _one_of(PHASES, present):
                yield {**_of_pod(item), "phase": phase}, value


def _resources(what: Literal["request", "limit"], items: Iterable[Object]) -> Family:
    samples = (
        ({**_of_pod(item), **_of_container(item, container), **_resource(name)}, quantity(str(amount)))
        for item in items
        for container in _list(_part(item, "spec").get("containers"))
        for name, amount in _part(_part(container, "resources"), f"{what}s").items()
    )
    help_ = (
        f"The number of requested {what} resource by a container. It is recommended to use the "
        f"kube_pod_resource_{what}s metric exposed by kube-scheduler instead, as it is more precise."
    )
    return Family(f"kube_pod_container_resource_{what}s", help_, "gauge", tuple(samples))


def _of_container(item: Object, container: Object) -> dict[str, str]:
    return {"container": str(container["name"]), "node": str(_part(item, "spec").get("nodeName", ""))}


def _resource(name: str) -> dict[str, str]:
    unit = "core" if name == "cpu" else "integer" if "/" in name else "byte"
    return {"resource": re.sub(r"\W", "_", name), "unit": unit}


def _one_of(states: Iterable[str], present: str) -> Iterable[tuple[str, float]]:
    return ((state, float(state == present)) for state in states)


def _of(item: Object, label: str) -> dict[str, str]:
    metadata = _part(item, "metadata")
    return {"namespace": str(metadata["namespace"]), label: str(metadata["name"])}


def _of_pod(item: Object) -> dict[str, str]:
    return {**_of(item, "pod"), "uid": str(_part(item, "metadata")["uid"])}


def _part(item: Object, key: str) -> Object:
    return cast("Object", item.get(key) or {})


def _list(value: object) -> list[Object]:
    return cast("list[Object]", value or [])


def _number(value: object) -> float:
    return float(cast("int", value))


KINDS: Mapping[str, tuple[str, Callable[[Iterable[Object]], tuple[Family, ...]]]] = {
    "deployments": ("/apis/apps/v1/deployments", deployments),
    "horizontalpodautoscalers": ("/apis/autoscaling/v2/horizontalpodautoscalers", autoscalers),
    "pods": ("/api/v1/pods", pods),
}
