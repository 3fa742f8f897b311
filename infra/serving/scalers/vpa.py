"""The VerticalPodAutoscaler of a model server: more CPU for its pods, or less, in place.

It changes pods, never the Deployment, so Pulumi and it do not meet. The limit keeps its proportion to the
request: the limit is what the container may really use, and the pod's quality of service stays what it was,
without which a pod cannot be resized in place.
"""

from infra.serving.scalers.hpa import deployment
from stack.kube import KubeObject, labels, meta
from stack.namespaces import Placement
from stack.servers.server import ModelServer
from stack.settings import Settings

FEWEST_PODS = 1  # from which on a pod may be resized or, where the node has no room, evicted; upstream's is 2


def objects(server: ModelServer, settings: Settings, placement: Placement) -> tuple[KubeObject, ...]:
    """The autoscaler of a server."""
    wanted, component = settings.autoscaling, server.component
    if not wanted:
        return ()
    policy = {
        "containerName": component,
        "minAllowed": {"cpu": wanted.vpa.min_cpu_request},
        "maxAllowed": {"cpu": wanted.vpa.max_cpu_request},
        "controlledResources": ["cpu"],
        "controlledValues": "RequestsAndLimits",
    }
    return (
        {
            "apiVersion": "autoscaling.k8s.io/v1",
            "kind": "VerticalPodAutoscaler",
            "metadata": meta(component, placement.namespace, labels(component, placement.stack)),
            "spec": {
                "targetRef": deployment(component),
                "updatePolicy": {"updateMode": "InPlaceOrRecreate", "minReplicas": FEWEST_PODS},
                "resourcePolicy": {"containerPolicies": [policy]},
            },
        },
    )


def name(_: str) -> None:
    """No HorizontalPodAutoscaler comes of it."""
