"""The state of every autoscaler; where its metric is `<unknown>`, the cause."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.errors import ClusterError
from bench.subject.cluster import Cluster
from bench.subject.deployed import SERVING, Deployed, serving
from bench.subject.objects import Autoscaler, Condition, Deployment, Pod, autoscalers, conditions, deployments
from stack.contexts import choose
from stack.endings import METRICS_API
from stack.namespaces import PREFIX
from stack.schema import SettingsError
from stack.settings import Settings

# Two samples make a rate; metrics-server takes one every 15 s (its manifests' --metric-resolution), at first
# up to 15 s after the pod's start, and the autoscaler looks every 15 s.
YOUNG_SECONDS = 60.0
HEADER = ("namespace", "autoscaler", "CPU / target", "min", "max", "pods", "wanted", "metric")


@dataclass(frozen=True)
class Scene:
    """What decides an autoscaler's metric. `metrics_api` is its APIService's condition Available, if any."""

    autoscalers: tuple[Autoscaler, ...]
    deployments: tuple[Deployment, ...]
    pods: tuple[Pod, ...]
    metrics_api: Condition | None
    now: datetime


def cause(scaler: Autoscaler, scene: Scene) -> str | None:
    """Why the autoscaler's metric is unknown; None while it is known. The most fundamental cause wins."""
    active = scaler.conditions.get("ScalingActive")
    if scaler.utilization is not None and (active is None or active.status == "True"):
        return None
    own = [
        pod
        for pod in scene.pods
        if (pod.namespace, pod.component) == (scaler.namespace, scaler.deployment) and not pod.ending
    ]
    return (
        _no_deployment(scaler, scene.deployments)
        or _no_metrics_api(scene.metrics_api)
        or _no_request(own)
        or _no_pod(own)
        or _not_ready(own)
        or _too_young(own, scene.now)
        or _as_the_controller_says(active)
    )


def _no_deployment(scaler: Autoscaler, known: Iterable[Deployment]) -> str | None:
    names = {(each.namespace, each.name): each for each in known}
    found = names.get((scaler.namespace, scaler.deployment))
    if found is None:
        return f"its Deployment {scaler.deployment} does not exist; run: pulumi up"
    if found.wanted == 0:
        return f"its Deployment {scaler.deployment} is scaled to 0, which switches autoscaling off"
    return None


def _no_metrics_api(available: Condition | None) -> str | None:
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


def render(scene: Scene) -> str:
    """A line for each autoscaler."""
    rows = [HEADER, *(_row(scaler, cause(scaler, scene)) for scaler in scene.autoscalers)]
    if len(rows) == 1:
        return "Autoscalers\n  none"
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(["Autoscalers", *(f"  {line}" for line in lines)])


def _row(scaler: Autoscaler, why: str | None) -> tuple[str, ...]:
    used = "<unknown>" if why or scaler.utilization is None else f"{scaler.utilization}%"
    return (
        scaler.namespace,
        scaler.name,
        f"{used} / {scaler.target}%",
        str(scaler.minimum),
        str(scaler.maximum),
        str(scaler.current),
        str(scaler.desired),
        f"unknown: {why}" if why else "known",
    )


def report(stack: Deployed) -> str:
    """The autoscalers of one stack. Raises ClusterError if its cluster does not answer."""
    return render(look(stack.cluster, (stack.outputs.namespace,)))


def local_report(known: Sequence[str], connect: Callable[[str], Cluster] = Cluster) -> str:
    """Those of all stacks on the local cluster, of the contexts that are known; a sentence without one."""
    try:
        return render(look(connect(choose(Settings().kube_contexts, known)), None))
    except (ClusterError, SettingsError) as error:
        return f"Autoscalers\n  not known: {error}"


def look(cluster: Cluster, namespaces: Sequence[str] | None) -> Scene:
    """What decides the metrics in some namespaces; default: all of the project's. Raises ClusterError."""

    def ours(namespace: str) -> bool:
        return namespace in namespaces if namespaces else namespace.startswith(PREFIX)

    service = cluster.find(f"/apis/apiregistration.k8s.io/v1/apiservices/{METRICS_API}")
    found = autoscalers(cluster.get("/apis/autoscaling/v2/horizontalpodautoscalers"))
    return Scene(
        autoscalers=tuple(scaler for scaler in found if ours(scaler.namespace)),
        deployments=deployments(cluster.get(f"/apis/apps/v1/deployments?labelSelector={SERVING}")),
        pods=serving(cluster),
        metrics_api=conditions(service).get("Available") if service else None,
        now=datetime.now(UTC),
    )
