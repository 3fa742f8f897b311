"""Whether a stack's pods find room: what they request against what the nodes have left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import cast

from kubernetes.utils.quantity import parse_quantity

from stack.kube import KubeObject, name_of
from stack.recorded import part

# Autoscalers, which have the name of what they scale, and their fields of the least and the most pods.
RANGES = {
    "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
    "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
}
LOCAL_PROVIDERS = ("", "kind", "k3s", "kwok", "minikube")  # schemes of spec.providerID that no cloud uses


@dataclass(frozen=True)
class Amount:
    """CPU in thousandths of a core, memory in MiB."""

    millicores: int = 0
    mebibytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.millicores + other.millicores, self.mebibytes + other.mebibytes)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.millicores - other.millicores, self.mebibytes - other.mebibytes)

    def holds(self, other: "Amount") -> bool:
        """Whether `other` fits into this."""
        return self.millicores >= other.millicores and self.mebibytes >= other.mebibytes

    def __str__(self) -> str:
        return f"{self.millicores}m CPU and {self.mebibytes}Mi memory"


@dataclass(frozen=True)
class Node:
    """A node that takes pods, and what it offers them. `address` is the one within its own network.

    `taints`: those that keep pods away for good, as `kubectl taint` writes them.
    """

    name: str
    allocatable: Amount
    provider_id: str = ""
    address: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[str, ...] = ()

    @property
    def in_a_cloud(self) -> bool:
        """Whether a cloud made the node, which may make more of them."""
        return self.provider_id.partition(":")[0] not in LOCAL_PROVIDERS


@dataclass(frozen=True)
class Pod:
    """A pod that runs or starts on a node."""

    namespace: str
    node: str
    request: Amount


@dataclass(frozen=True)
class Demand:
    """Equal pods that must find room at the same time."""

    what: str
    pod: Amount
    copies: int

    def __str__(self) -> str:
        return f"{self.copies} × {self.pod.millicores}m/{self.pod.mebibytes}Mi {self.what}"


def amount(quantities: Mapping[str, str]) -> Amount:
    """Kubernetes' `cpu` and `memory` quantities; what is not given is nothing."""
    cpu: Decimal = parse_quantity(quantities.get("cpu", "0"))
    memory: Decimal = parse_quantity(quantities.get("memory", "0"))
    return Amount(round(cpu * 1000), int(memory / 2**20))


def requested(container: KubeObject) -> Amount:
    """What a container requests."""
    resources = cast("dict[str, dict[str, str]]", container.get("resources") or {})
    return amount(resources.get("requests") or {})


def demands(objects: Sequence[KubeObject]) -> list[Demand]:
    """The pods of rendered Deployments at their most, and the pod that a rollout adds.

    An autoscaled Deployment counts with its most; its rollout uses the room up to them. Pods that are
    resized count with the most that they may come to request. Deployments
    roll one after another where room is short, so that one more pod, the largest, is enough.
    """
    scaled = {name_of(o): _range(o) for o in objects if o["kind"] in RANGES}
    deployments = [o for o in objects if o["kind"] == "Deployment"]
    found = [Demand(name_of(o), _at_most(o, objects), _copies(o, scaled)) for o in deployments]
    playing = {name for name, (least, most) in scaled.items() if least < most}
    rolling = [_request(o) for o in deployments if _surges(o) and name_of(o) not in playing]
    largest = max(rolling, key=lambda request: request.millicores, default=None)
    return [*found, *([Demand("for a rollout", largest, 1)] if largest else [])]


def free(nodes: Iterable[Node], pods: Iterable[Pod], own: Collection[str]) -> dict[str, Amount]:
    """What each node has left beside the pods of other namespaces than the stack's `own`."""
    left = {node.name: node.allocatable for node in nodes}
    for pod in pods:
        if pod.node in left and pod.namespace not in own:
            left[pod.node] -= pod.request
    return left


def unplaced(wanted: Iterable[Demand], left: Mapping[str, Amount]) -> list[Demand]:
    """What finds no room when the largest pods are placed first, each on the first node that holds it."""
    room, without = dict(left), []
    for demand in sorted(wanted, key=lambda each: -each.pod.millicores):
        missing = 0
        for _ in range(demand.copies):
            node = next((name for name, amount_ in room.items() if amount_.holds(demand.pod)), None)
            if node is None:
                missing += 1
            else:
                room[node] -= demand.pod
        without += [Demand(demand.what, demand.pod, missing)] if missing else []
    return without


def _at_most(deployment: KubeObject, objects: Sequence[KubeObject]) -> Amount:
    """What a pod requests, or may come to request by a VerticalPodAutoscaler."""
    own, found = _request(deployment), [o for o in objects if o["kind"] == "VerticalPodAutoscaler"]
    most = [_allowed(o) for o in found if name_of(o) == name_of(deployment)]
    return replace(own, millicores=max([own.millicores, *most]))


def _allowed(vertical: KubeObject) -> int:
    policies = part(vertical, "spec", "resourcePolicy")["containerPolicies"]
    return amount(cast("list[dict[str, dict[str, str]]]", policies)[0]["maxAllowed"]).millicores


def _range(autoscaler: KubeObject) -> tuple[int, int]:
    least, most = (cast("int", _spec(autoscaler)[name]) for name in RANGES[str(autoscaler["kind"])])
    return least, most


def _spec(item: KubeObject) -> KubeObject:
    return cast("KubeObject", item["spec"])


def _copies(deployment: KubeObject, scaled: Mapping[str, tuple[int, int]]) -> int:
    if name_of(deployment) in scaled:
        return scaled[name_of(deployment)][1]
    return cast("int", _spec(deployment).get("replicas", 1))


def _surges(deployment: KubeObject) -> bool:
    strategy = cast("KubeObject", _spec(deployment).get("strategy", {}))
    return "rollingUpdate" in strategy


def _request(deployment: KubeObject) -> Amount:
    template = cast("KubeObject", _spec(deployment)["template"])
    containers = cast("list[KubeObject]", cast("KubeObject", template["spec"])["containers"])
    return sum(map(requested, containers), Amount())
