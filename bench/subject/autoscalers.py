"""The state of every autoscaler; where its metric is `<unknown>`, the cause."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench.subject import local
from bench.subject.cluster import Cluster
from bench.subject.deployed import SERVING, Deployed, serving
from bench.subject.objects import (
    Autoscaler,
    Scaled,
    autoscalers,
    conditions,
    deployments,
    scaled_objects,
)
from bench.subject.unknown import Scene, cause, is_of, not_fed
from stack.endings import DEPLOY_KEDA, EXTERNAL_API, METRICS_API

SCALED = "/apis/keda.sh/v1alpha1/scaledobjects"
TITLE = "Autoscalers"
HEADER = ("namespace", "autoscaler", "metric / target", "min", "max", "pods", "wanted", "metric")


def render(scene: Scene) -> str:
    """A line for each autoscaler."""
    rows = [
        HEADER,
        *(_row(scaler, cause(scaler, scene)) for scaler in scene.autoscalers),
        *(_unmade(source) for source in scene.scaled if not any(is_of(a, source) for a in scene.autoscalers)),
    ]
    return local.table(TITLE, rows) if len(rows) > 1 else f"{TITLE}\n  none"


def _row(scaler: Autoscaler, why: str | None) -> tuple[str, ...]:
    used = "<unknown>" if why else scaler.shown(scaler.seen)
    return (
        scaler.namespace,
        scaler.name,
        f"{used} / {scaler.shown(scaler.target)}",
        str(scaler.minimum),
        str(scaler.maximum),
        str(scaler.current),
        str(scaler.desired),
        f"unknown: {why}" if why else "known",
    )


def _unmade(source: Scaled) -> tuple[str, ...]:
    """A ScaledObject of which KEDA has made no autoscaler."""
    why = not_fed(source) or f"KEDA has made no autoscaler of it: is it there? {DEPLOY_KEDA}"
    return (source.namespace, source.name, "<unknown> / –", "–", "–", "–", "–", f"unknown: {why}")


def report(stack: Deployed) -> str:
    """The autoscalers of one stack. Raises ClusterError if its cluster does not answer."""
    return render(look(stack.cluster, (stack.outputs.namespace,)))


def local_report(known: Sequence[str], connect: Callable[[str], Cluster] = Cluster) -> str:
    """Those of all stacks on the local cluster, of the contexts that are known; a sentence without one."""
    return local.report(TITLE, lambda cluster: render(look(cluster, None)), known, connect)


def look(cluster: Cluster, namespaces: Sequence[str] | None) -> Scene:
    """What decides the metrics in some namespaces; default: all of the project's. Raises ClusterError."""
    service, external = (
        cluster.find(f"/apis/apiregistration.k8s.io/v1/apiservices/{name}")
        for name in (METRICS_API, EXTERNAL_API)
    )
    found = autoscalers(cluster.get("/apis/autoscaling/v2/horizontalpodautoscalers"))
    scaled = scaled_objects(cluster.find(SCALED) or {})
    return Scene(
        autoscalers=tuple(scaler for scaler in found if local.ours(scaler.namespace, namespaces)),
        deployments=deployments(cluster.get(f"/apis/apps/v1/deployments?labelSelector={SERVING}")),
        pods=serving(cluster),
        metrics_api=conditions(service).get("Available") if service else None,
        now=datetime.now(UTC),
        external_api=conditions(external).get("Available") if external else None,
        scaled=tuple(each for each in scaled if local.ours(each.namespace, namespaces)),
    )
