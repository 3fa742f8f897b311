"""Where a stack's pods are, and the nodes that they may run on."""

from collections.abc import Mapping
from urllib.parse import quote

from bench.records.fleet import Bound, Budget, Ordered, Scaler
from bench.subject.cluster import Cluster
from bench.subject.objects import autoscalers, conditions, items, moment, text, whole

KIND, ZONE = "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"
SIMULATED = "kwok://"  # begins the provider ID of a node that nothing runs on


def nodes(cluster: Cluster, labels: Mapping[str, str]) -> tuple[Ordered, ...]:
    """Nodes with these labels. Raises ClusterError."""
    return read_nodes(cluster.get(f"/api/v1/nodes?labelSelector={_selector(labels)}"))


def simulated(cluster: Cluster, labels: Mapping[str, str]) -> bool:
    """Whether a node with these labels is one on which nothing runs. Raises ClusterError."""
    found = items(cluster.get(f"/api/v1/nodes?labelSelector={_selector(labels)}"), "items")
    return any(text(each, "spec", "providerID").startswith(SIMULATED) for each in found)


def pods(cluster: Cluster, namespace: str) -> tuple[Bound, ...]:
    """The pods of a namespace. Raises ClusterError."""
    return read_pods(cluster.get(f"/api/v1/namespaces/{namespace}/pods"))


def budgets(cluster: Cluster, namespace: str) -> tuple[Budget, ...]:
    """The disruption budgets of a namespace. Raises ClusterError."""
    path = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    return tuple(
        Budget(
            text(each, "metadata", "name"),
            *(
                whole(each, "status", key) or 0
                for key in ("disruptionsAllowed", "currentHealthy", "desiredHealthy")
            ),
        )
        for each in items(cluster.get(path), "items")
    )


def scalers(cluster: Cluster, namespace: str) -> tuple[Scaler, ...]:
    """The autoscalers of a namespace. Raises ClusterError."""
    found = autoscalers(cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers"))
    return tuple(
        Scaler(
            each.name,
            each.minimum,
            each.maximum,
            each.desired,
            "; ".join(f"{name} {said.status}: {said.reason}" for name, said in each.conditions.items()),
        )
        for each in found
    )


def read_nodes(listed: object) -> tuple[Ordered, ...]:
    """The nodes of a NodeList."""
    return tuple(
        Ordered(
            text(each, "metadata", "name"),
            text(each, "metadata", "labels", KIND),
            text(each, "metadata", "labels", ZONE),
            "Ready" in conditions(each) and conditions(each)["Ready"].status == "True",
        )
        for each in items(listed, "items")
    )


def read_pods(listed: object) -> tuple[Bound, ...]:
    """The pods of a PodList that are not being deleted."""
    return tuple(
        Bound(
            text(each, "metadata", "name"),
            text(each, "spec", "nodeName"),
            moment(text(each, "metadata", "creationTimestamp")).timestamp(),
            _since(each, "PodScheduled"),
            _since(each, "Ready"),
        )
        for each in items(listed, "items")
        if not text(each, "metadata", "deletionTimestamp")
    )


def _since(item: object, kind: str) -> float | None:
    for each in items(item, "status", "conditions"):
        if text(each, "type") == kind and text(each, "status") == "True":
            return moment(text(each, "lastTransitionTime")).timestamp()
    return None


def _selector(labels: Mapping[str, str]) -> str:
    return quote(",".join(f"{name}={value}" for name, value in labels.items()))
