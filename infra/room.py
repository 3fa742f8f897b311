"""Whether a cluster has room for a stack's pods, on the nodes that may take them."""

from collections.abc import Sequence

from infra import capacity
from infra.cluster_survey import Survey
from stack.kube import KubeObject, name_of
from stack.namespaces import Placement
from stack.quantities import millicores
from stack.recorded import part
from stack.settings import PlacementSettings, Settings, scaling
from stack.settings.placement import fits


def lacking(stack: str, settings: Settings, objects: Sequence[KubeObject], cluster: Survey) -> list[str]:
    """Why pods find no room: one is too large, or all of them and one more during a rollout do not fit
    beside what else runs.
    """
    too_large = request_size(settings, cluster)
    if too_large or cluster.nodes is None or cluster.pods is None:
        return too_large
    found = placed(stack, settings, objects).items()
    return [text for placement, each in found for text in _short(settings, cluster, placement, each)]


def request_size(settings: Settings, cluster: Survey) -> list[str]:
    """No node takes a pod that requests more than it has."""
    nodes = taking(settings.placement, cluster)
    if not nodes:
        return []
    wanted = capacity.amount(
        {"cpu": settings.resources.cpu_request, "memory": settings.resources.memory_request}
    )
    cpu = max(node.allocatable.millicores for node in nodes)
    memory = max(node.allocatable.mebibytes for node in nodes)
    problems = []
    if wanted.millicores > cpu:
        problems.append(_too_large("resources.cpuRequest", f"{cpu}m", f"{wanted.millicores}m"))
    if (most := largest_request(settings)) > max(cpu, wanted.millicores):
        problems.append(_too_large("autoscaling.vpa.maxCpuRequest", f"{cpu}m", f"{most}m"))
    if wanted.mebibytes > memory:
        problems.append(_too_large("resources.memoryRequest", f"{memory}Mi", f"{wanted.mebibytes}Mi"))
    return problems


def largest_request(settings: Settings) -> int:
    """The most CPU that a container may come to request, in millicores."""
    wanted = settings.autoscaling
    vertical = wanted and wanted.scaler == scaling.VPA
    return millicores(wanted.vpa.max_cpu_request if wanted and vertical else settings.resources.cpu_request)


def _too_large(key: str, most: str, got: str) -> str:
    fix = "lower it or add a larger node"
    return f"{key}: expected at most {most}, as the largest node has, got {got}; {fix}"


def taking(placement: PlacementSettings, cluster: Survey) -> list[capacity.Node]:
    """The nodes that take pods of a placement."""
    return [node for node in cluster.nodes or () if fits(placement, node.labels, node.taints)]


def placed(
    stack: str, settings: Settings, objects: Sequence[KubeObject]
) -> dict[PlacementSettings, list[KubeObject]]:
    """A stack's objects by the nodes that take their pods: `placement` is that of the servers."""
    rest = [item for item in objects if item["kind"] != "Deployment"]
    own, found = Placement(stack).namespace, dict[PlacementSettings, list[KubeObject]]()
    for item in (item for item in objects if item["kind"] == "Deployment"):
        served = part(item, "metadata")["namespace"] == own
        found.setdefault(settings.placement if served else PlacementSettings(), [*rest]).append(item)
    return found


def _short(
    settings: Settings, cluster: Survey, placement: PlacementSettings, objects: Sequence[KubeObject]
) -> list[str]:
    nodes, wanted = taking(placement, cluster), capacity.demands(objects)
    if not nodes:
        return [_nowhere(placement)]
    own = {name_of(item) for item in objects if item["kind"] == "Namespace"}
    left = capacity.free(nodes, cluster.pods or (), own)
    without = capacity.unplaced(wanted, left)
    if not without:
        return []
    total = sum(left.values(), capacity.Amount())
    number = "autoscaling.maxReplicas" if settings.horizontal else "replicas"
    return [
        f"{_short_of(wanted, total)}: expected pods that fit into the free {total}, got "
        f"{', '.join(map(str, wanted))}; no room for {', '.join(map(str, without))}; lower it or {number}, "
        "or add a node"
    ]


def _nowhere(placement: PlacementSettings) -> str:
    if not placement.node_selector:
        return "kubeContexts: expected a node that takes pods, got none; see kubectl get nodes"
    labels = ", ".join(f"{name}={value}" for name, value in placement.node_selector)
    return (
        f"placement.nodeSelector: expected labels of a node that takes pods (placement.tolerations), got "
        f"{labels}; see kubectl get nodes --show-labels"
    )


def _short_of(wanted: Sequence[capacity.Demand], total: capacity.Amount) -> str:
    memory = sum(demand.pod.mebibytes * demand.copies for demand in wanted)
    return "resources.memoryRequest" if memory > total.mebibytes else "resources.cpuRequest"
