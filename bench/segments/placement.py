"""On which nodes generators may run: not beside the server, where there is room elsewhere. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kubernetes.utils.quantity import parse_quantity

from bench.subject.objects import at, items, text

CLOSING = ("NoSchedule", "NoExecute")


@dataclass(frozen=True)
class Node:
    """`open`: it takes pods that tolerate nothing."""

    name: str
    cpus: float
    open: bool


def nodes(listed: object) -> Mapping[str, Node]:
    """Those of a NodeList, by name."""
    found = (_node(each) for each in items(listed, "items"))
    return {node.name: node for node in found}


def _node(item: object) -> Node:
    ready = any(
        text(each, "type") == "Ready" and text(each, "status") == "True"
        for each in items(item, "status", "conditions")
    )
    tainted = any(text(each, "effect") in CLOSING for each in items(item, "spec", "taints"))
    cpus = float(parse_quantity(text(item, "status", "capacity", "cpu") or "0"))
    return Node(
        text(item, "metadata", "name"), cpus, ready and not tainted and not at(item, "spec", "unschedulable")
    )


def apart(known: Mapping[str, Node], serving: Collection[str]) -> bool:
    """Whether some node takes pods and runs none of the server's."""
    return any(node.open and name not in serving for name, node in known.items())
