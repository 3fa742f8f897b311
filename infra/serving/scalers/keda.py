"""KEDA's ScaledObject of a model server: KEDA makes a HorizontalPodAutoscaler and asks Prometheus for it."""

from infra.serving.scalers.hpa import behavior, deployment
from stack.kube import KubeObject, labels, meta
from stack.namespaces import Placement
from stack.queries import of_stack, over
from stack.servers.server import ModelServer
from stack.settings import Autoscaling, Settings

# Our labels go on to the autoscaler, but for the one that would call it Pulumi's.
OWN_LABELS = {"scaledobject.keda.sh/hpa-excluded-labels": "app.kubernetes.io/managed-by"}


def name(component: str) -> str:
    """What KEDA calls its autoscaler unless told otherwise.

    It is another than that of scaler hpa: while a stack changes from one to the other both are there, and
    neither Pulumi nor KEDA may take the other's for its own.
    """
    return f"keda-hpa-{component}"


def objects(server: ModelServer, settings: Settings, placement: Placement) -> tuple[KubeObject, ...]:
    """The ScaledObject of a server."""
    wanted = settings.autoscaling
    if not wanted:
        return ()
    metadata = meta(server.component, placement.namespace, labels(server.component, placement.stack))
    return (
        {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": {**metadata, "annotations": OWN_LABELS},
            "spec": {
                "scaleTargetRef": deployment(server.component),
                "minReplicaCount": wanted.min_replicas,
                "maxReplicaCount": wanted.max_replicas,
                "pollingInterval": wanted.keda.polling_seconds,
                "fallback": fallback(wanted),
                "advanced": {
                    "horizontalPodAutoscalerConfig": {
                        "name": name(server.component),
                        "behavior": behavior(wanted.behavior),
                    }
                },
                "triggers": [trigger(server, settings, wanted, placement)],
            },
        },
    )


def fallback(wanted: Autoscaling) -> KubeObject:
    """Without its metric a server keeps its pods; a stack may ask for more."""
    return {
        "failureThreshold": wanted.keda.failures,
        "replicas": wanted.keda.fallback_replicas or wanted.min_replicas,
        "behavior": "currentReplicasIfHigher",
    }


def trigger(server: ModelServer, settings: Settings, wanted: Autoscaling, placement: Placement) -> KubeObject:
    """The load of all pods, which the autoscaler divides by the target for each."""
    prometheus = settings.platform.prometheus
    scope = of_stack(placement.namespace, prometheus.scrape_seconds)
    if wanted.keda.window_seconds:
        scope = over(wanted.keda.window_seconds, scope)
    assert server.signals is not None  # contradictions refuse a server that tells no load
    return {
        "type": "prometheus",
        "name": wanted.metric,
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": prometheus.address,
            "query": server.signals.loads[wanted.metric](scope).promql,
            "threshold": f"{wanted.target:.12g}",
            "ignoreNullValues": "false",  # an empty answer would count as no load, and take pods away
        },
    }
