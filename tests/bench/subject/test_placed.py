"""Reading nodes, and when pods came onto them; the answers are as a real API server gave them, shortened."""

from bench.records.fleet import Bound, Ordered
from bench.subject import placed

NODE = {
    "metadata": {
        "name": "n",
        "labels": {"node.kubernetes.io/instance-type": "m6i", "topology.kubernetes.io/zone": "zone-a"},
    },
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}
BARE = {"metadata": {"name": "bare"}, "status": {}}


def pod(name: str, **more: object) -> dict[str, object]:
    metadata = {"name": name, "creationTimestamp": "2026-11-28T22:00:00Z"}
    return {"metadata": {**metadata, **more}, "spec": {}, "status": {}}


def test_a_node_tells_its_kind_its_zone_and_whether_it_is_ready() -> None:
    assert placed.read_nodes({"items": [NODE, BARE]}) == (
        Ordered("n", "m6i", "zone-a", True),
        Ordered("bare", "", "", False),
    )


def test_a_pod_is_bound_since_its_condition_became_true() -> None:
    scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-28T22:00:07Z"}
    bound = pod("a") | {"spec": {"nodeName": "n"}, "status": {"conditions": [scheduled]}}
    (found,) = placed.read_pods({"items": [bound]})
    assert (found.node, found.scheduled, found.ready) == ("n", found.created + 7, None)


def test_a_pod_that_could_not_be_scheduled_yet_has_no_time() -> None:
    refused = {"type": "PodScheduled", "status": "False", "lastTransitionTime": "2026-11-28T22:00:07Z"}
    (found,) = placed.read_pods({"items": [pod("a") | {"status": {"conditions": [refused]}}]})
    assert found == Bound("a", "", found.created, None, None)


def test_a_pod_that_is_being_deleted_counts_no_more() -> None:
    assert not placed.read_pods({"items": [pod("a", deletionTimestamp="2026-11-28T22:01:00Z")]})
