"""What the bench reads of Kubernetes' objects: JSON data in, frozen values out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kubernetes.utils.quantity import parse_quantity


@dataclass(frozen=True)
class Condition:
    """One condition of an object's status; `status` is `True`, `False` or `Unknown`."""

    status: str
    reason: str
    message: str


@dataclass(frozen=True)
class Container:
    """One container of a pod. `image` is what the pod names, `image_id` what the node really runs.

    `requests` and `limits` are asked for; `has_requests` and `has_limits` what the node gave, where it says.
    """

    name: str
    image: str
    image_id: str
    requests: Mapping[str, str]
    waiting: str
    limits: Mapping[str, str] = field(default_factory=dict)
    has_requests: Mapping[str, str] = field(default_factory=dict)
    has_limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pod:
    """A pod; `ready_since` is None while it is not ready, `restarts` are of all its containers."""

    namespace: str
    name: str
    component: str
    ending: bool
    ready_since: datetime | None
    containers: tuple[Container, ...]
    restarts: int = 0
    created: datetime | None = None

    @property
    def start_seconds(self) -> float | None:
        """From its creation to ready, in whole seconds; None where that is not known, or not of its start."""
        if self.created is None or self.ready_since is None or self.restarts:
            return None
        return (self.ready_since - self.created).total_seconds()

    @property
    def ready(self) -> bool:
        """It takes requests."""
        return self.ready_since is not None and not self.ending

    @property
    def serving(self) -> Container | None:
        """The container of the server."""
        return next((each for each in self.containers if each.name == self.component), None)


@dataclass(frozen=True)
class Deployment:
    """A Deployment's wish and its state, in pods."""

    namespace: str
    name: str
    wanted: int
    ready: int
    updated: int
    current: bool


@dataclass(frozen=True)
class Policy:
    """How many pods or percent may come or go in one period."""

    kind: str
    value: int
    period_seconds: int


@dataclass(frozen=True)
class Pace:
    """One direction of an autoscaler's behaviour. `tolerance`: a quantity; empty: the cluster's holds."""

    stabilization_seconds: int | None
    policies: tuple[Policy, ...]
    tolerance: str = ""


@dataclass(frozen=True)
class Autoscaler:
    """A HorizontalPodAutoscaler. What it has `seen` and its `target` are None where not known.

    Of CPU they are % of the request; `external` is the name of a metric of KEDA's, whose value for each pod
    they are then.
    """

    namespace: str
    name: str
    deployment: str
    minimum: int
    maximum: int
    target: float | None
    seen: float | None
    current: int
    desired: int
    scale_up: Pace
    scale_down: Pace
    conditions: Mapping[str, Condition]
    external: str = ""

    def shown(self, value: float | None) -> str:
        """What was seen, or aimed at."""
        if value is None:
            return "<unknown>"
        return f"{value:.3g}" if self.external else f"{value:g}%"


@dataclass(frozen=True)
class Scaled:
    """A ScaledObject of KEDA's: what it scales, and how it is."""

    namespace: str
    name: str
    deployment: str
    conditions: Mapping[str, Condition]


def pods(listed: object) -> tuple[Pod, ...]:
    """The pods of a PodList."""
    return tuple(_pod(item) for item in items(listed, "items"))


def deployments(listed: object) -> tuple[Deployment, ...]:
    """The Deployments of a DeploymentList."""
    return tuple(_deployment(item) for item in items(listed, "items"))


def autoscalers(listed: object) -> tuple[Autoscaler, ...]:
    """The autoscalers of a HorizontalPodAutoscalerList (autoscaling/v2)."""
    return tuple(_autoscaler(item) for item in items(listed, "items"))


def scaled_objects(listed: object) -> tuple[Scaled, ...]:
    """The ScaledObjects of a ScaledObjectList (keda.sh/v1alpha1)."""
    return tuple(
        Scaled(
            text(item, "metadata", "namespace"),
            text(item, "metadata", "name"),
            text(item, "spec", "scaleTargetRef", "name"),
            conditions(item),
        )
        for item in items(listed, "items")
    )


def conditions(item: object) -> dict[str, Condition]:
    """An object's conditions by their type."""
    return {
        text(each, "type"): Condition(text(each, "status"), text(each, "reason"), text(each, "message"))
        for each in items(item, "status", "conditions")
    }


def at(data: object, *path: str) -> object:
    """The value below `data` at `path`; None where there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def text(data: object, *path: str) -> str:
    """The text at `path`; empty where there is none."""
    found = at(data, *path)
    return "" if found is None else str(found)


def whole(data: object, *path: str) -> int | None:
    """The whole number at `path`."""
    found = at(data, *path)
    return found if isinstance(found, int) else None


def items(data: object, *path: str) -> tuple[object, ...]:
    """The list at `path`; empty where there is none."""
    found = at(data, *path)
    return tuple(found) if isinstance(found, list) else ()


def moment(written: str) -> datetime:
    """A time as Kubernetes writes it: RFC 3339 in UTC."""
    return datetime.fromisoformat(written)


def _pod(item: object) -> Pod:
    statuses = {text(each, "name"): each for each in items(item, "status", "containerStatuses")}
    ready = [each for each in items(item, "status", "conditions") if text(each, "type") == "Ready"]
    since = text(ready[0], "lastTransitionTime") if ready and text(ready[0], "status") == "True" else ""
    created = text(item, "metadata", "creationTimestamp")
    return Pod(
        namespace=text(item, "metadata", "namespace"),
        name=text(item, "metadata", "name"),
        component=text(item, "metadata", "labels", "app.kubernetes.io/name"),
        ending=at(item, "metadata", "deletionTimestamp") is not None,
        ready_since=moment(since) if since else None,
        containers=tuple(
            _container(each, statuses.get(text(each, "name"))) for each in items(item, "spec", "containers")
        ),
        restarts=sum(whole(each, "restartCount") or 0 for each in statuses.values()),
        created=moment(created) if created else None,
    )


def _container(item: object, status: object) -> Container:
    has = at(status, "resources")
    return Container(
        name=text(item, "name"),
        image=text(item, "image"),
        image_id=text(status, "imageID"),
        requests=_texts(item, "resources", "requests"),
        waiting=text(status, "state", "waiting", "reason"),
        limits=_texts(item, "resources", "limits"),
        has_requests=_texts(has, "requests"),
        has_limits=_texts(has, "limits"),
    )


def _texts(data: object, *path: str) -> dict[str, str]:
    found = at(data, *path)
    return {key: str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


def _deployment(item: object) -> Deployment:
    return Deployment(
        namespace=text(item, "metadata", "namespace"),
        name=text(item, "metadata", "name"),
        wanted=whole(item, "spec", "replicas") or 0,
        ready=whole(item, "status", "readyReplicas") or 0,
        updated=whole(item, "status", "updatedReplicas") or 0,
        current=whole(item, "status", "observedGeneration") == whole(item, "metadata", "generation"),
    )


def _autoscaler(item: object) -> Autoscaler:
    return Autoscaler(
        namespace=text(item, "metadata", "namespace"),
        name=text(item, "metadata", "name"),
        deployment=text(item, "spec", "scaleTargetRef", "name"),
        minimum=whole(item, "spec", "minReplicas") or 1,
        maximum=whole(item, "spec", "maxReplicas") or 0,
        target=_value(item, "spec", "metrics", "target"),
        seen=_value(item, "status", "currentMetrics", "current"),
        current=whole(item, "status", "currentReplicas") or 0,
        desired=whole(item, "status", "desiredReplicas") or 0,
        scale_up=_pace(at(item, "spec", "behavior", "scaleUp")),
        scale_down=_pace(at(item, "spec", "behavior", "scaleDown")),
        conditions=conditions(item),
        external=_external(item),
    )


def _external(item: object) -> str:
    found = (text(metric, "external", "metric", "name") for metric in items(item, "spec", "metrics"))
    return next((name for name in found if name), "")


def _value(item: object, part: str, metrics: str, side: str) -> float | None:
    """CPU in % of the request, or else an external metric's value for each pod."""
    for metric in items(item, part, metrics):
        if text(metric, "resource", "name") == "cpu":
            return whole(metric, "resource", side, "averageUtilization")
        if load := text(metric, "external", side, "averageValue"):
            return float(parse_quantity(load))
    return None


def _pace(rules: object) -> Pace:
    return Pace(
        tolerance=text(rules, "tolerance"),
        stabilization_seconds=whole(rules, "stabilizationWindowSeconds"),
        policies=tuple(
            Policy(text(each, "type"), whole(each, "value") or 0, whole(each, "periodSeconds") or 0)
            for each in items(rules, "policies")
        ),
    )
