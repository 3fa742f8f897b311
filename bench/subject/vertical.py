"""VerticalPodAutoscalers and the pods that they resize, as they are and as they are intended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bench.subject.findings import Finding, same
from bench.subject.objects import Condition, at, conditions, items, moment, text
from stack.quantities import millicores
from stack.settings import Settings
from stack.settings.scaling import VPA
from stack.settings.vertical import within

UPDATE_MODE = "InPlaceOrRecreate"
# Conditions of a pod whose resize is not done (KEP-1287).
WAITING = ("PodResizePending", "PodResizeInProgress")


@dataclass(frozen=True)
class Bounds:
    """What is recommended for a container's CPU request, and between which requests it may stay."""

    lower: str
    target: str
    upper: str


@dataclass(frozen=True)
class Vertical:
    """A VerticalPodAutoscaler of one Deployment; `recommended` is None before it has seen enough."""

    namespace: str
    name: str
    deployment: str
    mode: str
    least: str
    most: str
    recommended: Bounds | None
    conditions: Mapping[str, Condition]


@dataclass(frozen=True)
class Sized:
    """The CPU that a pod's serving container has; `resized` is when that was last changed in place.

    `pending` says why a resize that was asked for is not done.
    """

    namespace: str
    name: str
    component: str
    request: str
    limit: str
    resized: datetime | None
    pending: str


def verticals(listed: object) -> tuple[Vertical, ...]:
    """The autoscalers of a VerticalPodAutoscalerList (autoscaling.k8s.io/v1)."""
    return tuple(_vertical(item) for item in items(listed, "items"))


def sized(listed: object) -> tuple[Sized, ...]:
    """The pods of a PodList that are not being deleted."""
    return tuple(
        _sized(item) for item in items(listed, "items") if at(item, "metadata", "deletionTimestamp") is None
    )


def _vertical(item: object) -> Vertical:
    policy = next(iter(items(item, "spec", "resourcePolicy", "containerPolicies")), None)
    found = items(item, "status", "recommendation", "containerRecommendations")
    return Vertical(
        namespace=text(item, "metadata", "namespace"),
        name=text(item, "metadata", "name"),
        deployment=text(item, "spec", "targetRef", "name"),
        mode=text(item, "spec", "updatePolicy", "updateMode"),
        least=text(policy, "minAllowed", "cpu"),
        most=text(policy, "maxAllowed", "cpu"),
        recommended=_bounds(found[0]) if found else None,
        conditions=conditions(item),
    )


def _bounds(item: object) -> Bounds:
    return Bounds(*(text(item, name, "cpu") for name in ("lowerBound", "target", "upperBound")))


def _sized(item: object) -> Sized:
    component = text(item, "metadata", "labels", "app.kubernetes.io/name")
    statuses = {text(each, "name"): each for each in items(item, "status", "containerStatuses")}
    has = at(statuses.get(component), "resources")
    waiting = {name: each for name, each in conditions(item).items() if name in WAITING}
    return Sized(
        namespace=text(item, "metadata", "namespace"),
        name=text(item, "metadata", "name"),
        component=component,
        request=text(has, "requests", "cpu"),
        limit=text(has, "limits", "cpu"),
        resized=_resized(item),
        pending="; ".join(f"{each.reason or name}: {each.message}" for name, each in waiting.items()),
    )


def _resized(item: object) -> datetime | None:
    """Kubernetes keeps for each manager when it last wrote which part of an object."""
    fields = items(item, "metadata", "managedFields")
    times = [moment(text(each, "time")) for each in fields if text(each, "subresource") == "resize"]
    return max(times, default=None)


def moved(settings: Settings, request: str | None, limit: str | None) -> Settings:
    """The settings that hold for a pod which may have been resized; as they are where it may not have been.

    The request must be within the bounds, and the limit keep its proportion to it.
    """
    wanted, own = settings.autoscaling, settings.resources
    if not wanted or wanted.scaler != VPA or request is None or limit is None:
        return settings
    proportion = millicores(own.cpu_limit) / millicores(own.cpu_request)
    kept = abs(millicores(limit) - millicores(request) * proportion) <= proportion
    if not kept or not within(wanted.vpa, request):
        return settings
    return replace(settings, resources=replace(own, cpu_request=request, cpu_limit=limit))


def vertical_findings(found: Vertical | None, settings: Settings) -> Iterable[Finding]:
    """The autoscaler's specification; its absence where none is intended."""
    scaling = settings.autoscaling
    wanted = scaling.vpa if scaling and scaling.scaler == VPA else None
    yield same("autoscaling.scaler vpa", wanted is not None, found is not None)
    if found is None or wanted is None:
        return
    yield _quantity("autoscaling.vpa.minCpuRequest", wanted.min_cpu_request, found.least)
    yield _quantity("autoscaling.vpa.maxCpuRequest", wanted.max_cpu_request, found.most)
    yield same("update mode", UPDATE_MODE, found.mode)


def _quantity(what: str, wanted: str, found: str) -> Finding:
    return Finding(what, wanted, found or "none", bool(found) and millicores(found) == millicores(wanted))
