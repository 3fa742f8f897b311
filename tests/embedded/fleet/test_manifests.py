"""Simulated nodes keep to themselves: real nodes and others' pods are never touched."""

from typing import Any, cast

import yaml

from embedded.cluster import layout
from embedded.fleet import NodeKind, manifests
from embedded.fleet.manifests import Images

KIND = NodeKind("m6i.2xlarge", 7.91, 28.5, 0.384)
STAGE = "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\nmetadata:\n  name: a\n"
Found = dict[str, Any]


def rendered(kind: NodeKind = KIND) -> list[Found]:
    text = manifests.programs(Images("k:1", "w:1"), kind, (STAGE,))
    return [*yaml.safe_load_all(text), *yaml.safe_load_all(manifests.pool(kind))]


def named(kind: str, name: str, found: list[Found]) -> Found:
    return next(each for each in found if each["kind"] == kind and each["metadata"]["name"] == name)


def played() -> list[Found]:
    config = named("ConfigMap", "kwok", rendered())
    return [*yaml.safe_load_all(cast("str", config["data"]["kwok.yaml"]))]


def test_no_pod_lands_there_that_does_not_say_so() -> None:
    pool = named("NodePool", "simulated", rendered())
    template = cast("Found", pool["spec"]["template"])
    assert template["spec"]["taints"] == [
        {"key": "emotion-serving/nodes", "value": "simulated", "effect": "NoSchedule"}
    ]
    assert template["metadata"]["labels"] == {"emotion-serving/nodes": "simulated"}


def test_kwok_plays_the_kubelet_of_nodes_with_our_label_only() -> None:
    configuration, stage = played()
    options = configuration["options"]
    assert options["manageAllNodes"] is False
    assert options["manageNodesWithAnnotationSelector"] == ""
    labels = "emotion-serving/nodes=simulated,kwok.x-k8s.io/node=fake"
    assert options["manageNodesWithLabelSelector"] == labels
    assert stage["kind"] == "Stage"


def test_addresses_are_within_the_clusters_own_range() -> None:
    """A route of the embedded cluster answers for those that no pod has: no packet to them leaves."""
    options = played()[0]["options"]
    network = layout.POD_CIDR.partition("/")[0].rpartition(".0.")[0]
    for address in (options["cidr"], options["nodeIP"]):
        assert str(address).startswith(f"{network}.")
        assert not str(address).startswith(layout.NODE_POD_CIDR.removesuffix("0/24"))


def test_programs_start_anew_when_what_they_read_at_the_start_changes() -> None:
    def template(found: list[Found]) -> object:
        return named("Deployment", "karpenter", found)["spec"]["template"]

    dearer = NodeKind(KIND.name, KIND.cores, KIND.gib, 0.5)
    assert template(rendered(dearer)) != template(rendered())


def test_nobody_may_read_secrets_or_grant_rights() -> None:
    roles = [each for each in rendered() if each["kind"] in ("ClusterRole", "Role")]
    rules = [rule for role in roles for rule in cast("list[dict[str, list[str]]]", role["rules"])]
    assert rules
    for rule in rules:
        assert not {"secrets", "*", "clusterroles", "serviceaccounts/token"} & {*rule["resources"]}
        assert "*" not in rule["verbs"]
