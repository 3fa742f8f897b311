"""Why objects that are being deleted are still there."""

from collections.abc import Mapping
from typing import cast

from stack.kube import KubeObject
from stack.recorded import part

METRICS_API = "v1beta1.metrics.k8s.io"
FAILURES = (  # conditions of a namespace that keep it, the most fundamental first
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
)
REMAINS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")
STALE = (
    "no namespace can be deleted while metrics-server is down; bring it back (pulumi up --refresh, on the "
    f"stack of the platform), or take its API away: kubectl delete apiservice {METRICS_API}"
)


def is_ending(item: KubeObject) -> bool:
    """Whether an object is being deleted."""
    return bool(part(item, "metadata").get("deletionTimestamp"))


def obstacle(item: KubeObject) -> str:
    """What keeps an object that is being deleted, and the fix; empty while nothing is known to."""
    told = {str(each["type"]): str(each.get("message", "")) for each in _conditions(item)}
    for name in FAILURES:
        if name in told:
            return f"{told[name]}; {STALE}" if "metrics.k8s.io" in told[name] else told[name]
    return ""


def remains(item: KubeObject) -> str:
    """What of an object that is being deleted is still there."""
    told = {str(each["type"]): str(each.get("message", "")) for each in _conditions(item)}
    listed = "; ".join(told[name] for name in REMAINS if name in told)
    finalizers = cast("list[str]", part(item, "metadata").get("finalizers") or [])
    return listed or f"it waits for {', '.join(finalizers) or 'its end'}"


def _conditions(item: KubeObject) -> list[Mapping[str, object]]:
    conditions = cast("list[Mapping[str, object]]", part(item, "status").get("conditions") or [])
    return [each for each in conditions if each.get("status") == "True"]
