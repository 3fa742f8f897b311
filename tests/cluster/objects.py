"""What lasts in a cluster: to compare before and after."""

import json
from dataclasses import dataclass

from tests.cluster.conftest import run

PASSING = (
    "events",
    "leases",
    "endpoint",
    "pods",
    "replicasets",
    "nodes",
    "controllerrevisions",
    "ipaddresses",
)


@dataclass(frozen=True)
class Object:
    """An object of the cluster; `ours` if this project's label or namespace is on it."""

    kind: str
    namespace: str
    name: str
    ours: bool


def objects(context: str) -> set[Object]:
    """Every object of every kind that lasts: what others make of them (pods, events, leases …) left out."""
    kinds = run("kubectl", "--context", context, "api-resources", "--verbs=list,delete", "-o", "name").split()
    names = ",".join(kind for kind in kinds if not kind.startswith(PASSING) and "metrics.k8s.io" not in kind)
    listed = run("kubectl", "--context", context, "get", names, "--all-namespaces", "-o", "json")
    return {_object(item["kind"], item["metadata"]) for item in json.loads(listed)["items"]}


def _object(kind: str, metadata: dict[str, object]) -> Object:
    namespace, labels = str(metadata.get("namespace", "")), str(metadata.get("labels"))
    ours = "emotion-serving" in labels or namespace.startswith("emotion-")
    return Object(kind, namespace, str(metadata["name"]), ours)
