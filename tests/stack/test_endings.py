"""Why an object that is being deleted is still there."""

from stack import endings
from stack.kube import KubeObject

STALE = (
    "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
    "metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1"
)


def namespace(**conditions: str) -> KubeObject:
    told = [{"type": name, "status": "True", "message": text} for name, text in conditions.items()]
    metadata = {"name": "emotion-a", "deletionTimestamp": "2026-01-01T00:00:00Z"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"conditions": told}}


def test_an_object_that_nobody_deletes_is_not_ending() -> None:
    assert endings.is_ending(namespace())
    assert not endings.is_ending({"metadata": {"name": "a"}})


def test_a_dead_metrics_server_is_named_with_the_two_ways_out() -> None:
    told = endings.obstacle(
        namespace(NamespaceDeletionDiscoveryFailure=STALE, NamespaceContentRemaining="pods")
    )
    assert told.startswith("Discovery failed for some groups")
    assert "bring back metrics-server (pulumi up --refresh, on the stack of the platform)" in told
    assert told.endswith("kubectl delete apiservice v1beta1.metrics.k8s.io")


def test_a_namespace_that_only_takes_its_time_has_no_obstacle() -> None:
    ending = namespace(NamespaceContentRemaining="Some remain: pods. has 1 resource instances")
    assert endings.obstacle(ending) == ""
    assert "has 1 resource instances" in endings.remains(ending)


def api(available: str) -> KubeObject:
    condition = {"type": "Available", "status": available, "reason": "MissingEndpoints", "message": "none"}
    return {"metadata": {"name": "v1.example.com"}, "status": {"conditions": [condition]}}


def test_an_api_that_is_down_is_told_before_it_keeps_anything() -> None:
    (told,) = endings.unavailable([api("True"), api("False"), {"metadata": {"name": "v1."}}])
    assert told.startswith(
        "the API v1.example.com is down (MissingEndpoints: none); no namespace can be deleted"
    )
    assert told.endswith(
        "bring back its server, or take the API away: kubectl delete apiservice v1.example.com"
    )


def test_finalizers_are_named() -> None:
    held: KubeObject = {"metadata": {"name": "a", "finalizers": ["foregroundDeletion"]}}
    assert endings.remains(held) == "it waits for foregroundDeletion"
