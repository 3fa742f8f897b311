"""Read back what a deployed stack really does: its objects, and one probe in each serving pod."""

from dataclasses import dataclass

from bench.errors import ClusterError
from bench.subject import gateway, state
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from bench.subject.gateway import Gate
from bench.subject.objects import Autoscaler, Deployment, Pod, autoscalers, deployments
from bench.subject.vertical import Vertical, verticals
from stack import drift, recorded
from stack.drift import Deviation
from stack.servers import serving
from stack.servers.reading import END, SCRIPT, Reading, UnreadableError, parse


@dataclass(frozen=True)
class Unreadable:
    """Why a pod could not be probed."""

    reason: str


@dataclass(frozen=True)
class Observation:
    """All that was read of a stack. `probes` are by the pod's name.

    `objects` is how many Pulumi's state records, `deviations` those that the cluster has otherwise;
    `gate` what stands before its servers.
    """

    deployments: tuple[Deployment, ...]
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    probes: dict[str, Reading | Unreadable]
    objects: int = 0
    deviations: tuple[Deviation, ...] = ()
    gate: Gate | None = None
    verticals: tuple[Vertical, ...] = ()


def observe(stack: Deployed) -> Observation:
    """Ask Pulumi, the API server and every serving pod of a stack.

    Raises ClusterError if the API does not answer, StackUnavailableError if Pulumi does not.
    """
    known = recorded.objects(state.read(stack.outputs.stack))
    cluster, namespace = stack.cluster, stack.outputs.namespace
    running = tuple(pod for pod in stack.pods() if not pod.ending)
    looks = {each.deployment: serving(each.model)[each.server].look for each in stack.outputs.endpoints}
    return Observation(
        deployments=deployments(cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")),
        autoscalers=autoscalers(
            cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")
        ),
        pods=running,
        probes={pod.name: _probe(cluster, pod, looks.get(pod.component, "")) for pod in running},
        objects=len(known),
        deviations=drift.compare(known, cluster.find),
        gate=gateway.look(stack),
        verticals=verticals(
            cluster.find(f"/apis/autoscaling.k8s.io/v1/namespaces/{namespace}/verticalpodautoscalers")
        ),
    )


def _probe(cluster: Cluster, pod: Pod, look: str) -> Reading | Unreadable:
    """`look`: the server's own part of the script."""
    script = f"{SCRIPT}{look}{END}"
    try:
        return parse(cluster.execute(pod.namespace, pod.name, pod.component, ["sh", "-c", script]))
    except (ClusterError, UnreadableError) as error:
        return Unreadable(str(error))
