"""Read back what a deployed stack really does: its objects, and one probe in each serving pod."""

from dataclasses import dataclass
from urllib.parse import quote

from bench.cluster import Cluster, ClusterError
from bench.objects import Autoscaler, Deployment, Pod, autoscalers, deployments, pods
from stack.kube import PROJECT
from stack.outputs import StackOutputs
from stack.servers import SERVERS
from stack.servers.reading import END, SCRIPT, Reading, UnreadableError, parse

SERVING = quote(f"app.kubernetes.io/part-of={PROJECT}")


@dataclass(frozen=True)
class Unreadable:
    """Why a pod could not be probed."""

    reason: str


@dataclass(frozen=True)
class Observation:
    """All that was read of a stack. `probes` are by the pod's name."""

    deployments: tuple[Deployment, ...]
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    probes: dict[str, Reading | Unreadable]


def observe(outputs: StackOutputs) -> Observation:
    """Ask the API server and every serving pod of a stack. Raises ClusterError if the API does not answer."""
    cluster, namespace = Cluster(outputs.context), outputs.namespace
    found = pods(cluster.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={SERVING}"))
    running = tuple(pod for pod in found if not pod.ending)
    looks = {endpoint.deployment: SERVERS[endpoint.server].look for endpoint in outputs.endpoints}
    return Observation(
        deployments=deployments(cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")),
        autoscalers=autoscalers(
            cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")
        ),
        pods=running,
        probes={pod.name: _probe(cluster, pod, looks.get(pod.component, "")) for pod in running},
    )


def _probe(cluster: Cluster, pod: Pod, look: str) -> Reading | Unreadable:
    """`look`: the server's own part of the script."""
    script = f"{SCRIPT}{look}{END}"
    try:
        return parse(cluster.execute(pod.namespace, pod.name, pod.component, ["sh", "-c", script]))
    except (ClusterError, UnreadableError) as error:
        return Unreadable(str(error))
