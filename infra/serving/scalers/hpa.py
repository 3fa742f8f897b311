"""The HorizontalPodAutoscaler of one model server, on CPU (autoscaling/v2)."""

from stack.kube import KubeObject, labels, meta
from stack.namespaces import Placement
from stack.servers.server import ModelServer
from stack.settings import Autoscaling, Behavior, ScalingPace, Settings


def objects(server: ModelServer, settings: Settings, placement: Placement) -> tuple[KubeObject, ...]:
    """The autoscaler of a server."""
    wanted = settings.autoscaling
    return (autoscaler(server.component, wanted, placement),) if wanted else ()


def name(component: str) -> str:
    """The autoscaler is called as what it scales."""
    return component


def autoscaler(component: str, wanted: Autoscaling, placement: Placement) -> KubeObject:
    """The autoscaler of the Deployment of the same name; it alone owns `spec.replicas`."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": meta(name(component), placement.namespace, labels(component, placement.stack)),
        "spec": {
            "scaleTargetRef": deployment(component),
            "minReplicas": wanted.min_replicas,
            "maxReplicas": wanted.max_replicas,
            "metrics": [_cpu(wanted.target_cpu_utilization)],
            "behavior": behavior(wanted.behavior),
        },
    }


def deployment(component: str) -> KubeObject:
    """The reference to what is scaled."""
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": component}


def behavior(wanted: Behavior) -> KubeObject:
    """How fast the autoscaler may follow its metric, each way."""
    return {"scaleUp": _pace(wanted.scale_up), "scaleDown": _pace(wanted.scale_down)}


def _cpu(percent: int) -> KubeObject:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _pace(pace: ScalingPace) -> KubeObject:
    own = pace.tolerance_quantity
    return {
        **({"tolerance": own} if own else {}),
        "stabilizationWindowSeconds": pace.stabilization_seconds,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": pace.pods, "periodSeconds": pace.period_seconds}],
    }
