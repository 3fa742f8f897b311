"""Reading the API server's answers; the answers are as a real cluster gave them, shortened."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from infra import cluster_survey
from infra.capacity import Amount, Node
from stack.kube import KubeObject

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def node(**spec: object) -> KubeObject:
    status = {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"}}
    return {"metadata": {"name": "n"}, "spec": spec, "status": status}


def pod(containers: list[str], starting: list[str] | None = None, **metadata: object) -> KubeObject:
    def all_of(requests: list[str]) -> list[KubeObject]:
        return [{"resources": {"requests": {"cpu": cpu}}} for cpu in requests]

    spec = {"nodeName": "n", "containers": all_of(containers), "initContainers": all_of(starting or [])}
    return {"metadata": {"namespace": "a", "name": "p", **metadata}, "spec": spec}


def lease(age: float, duration: int = 60) -> KubeObject:
    renewed = (NOW - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"metadata": {"name": "l"}, "spec": {"renewTime": renewed, "leaseDurationSeconds": duration}}


def test_a_node_offers_its_allocatable() -> None:
    (found,) = cluster_survey.nodes([node(providerID="gce://p/z/n")])
    assert (found.allocatable, found.in_a_cloud) == (Amount(2000, 4096), True)


def test_a_node_that_takes_no_pods_offers_nothing() -> None:
    assert cluster_survey.nodes([node(unschedulable=True)]) == ()


def test_a_node_tells_the_taints_that_keep_pods_away() -> None:
    lasting = [{"key": "k", "effect": "NoSchedule"}, {"key": "gpu", "value": "a", "effect": "NoExecute"}]
    (found,) = cluster_survey.nodes([node(taints=lasting)])
    assert found.taints == ("k=:NoSchedule", "gpu=a:NoExecute")


def test_a_node_that_has_only_just_started_counts() -> None:
    starting = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    (found,) = cluster_survey.nodes([node(taints=[starting])])
    assert found.taints == ()


def test_a_taint_that_only_prefers_others_leaves_the_node() -> None:
    (found,) = cluster_survey.nodes([node(taints=[{"key": "k", "effect": "PreferNoSchedule"}])])
    assert found.taints == ()


@pytest.mark.parametrize(
    ("containers", "starting", "expected"),
    [(["100m", "50m"], [], 150), (["100m"], ["400m", "200m"], 400), ([], [], 0)],
)
def test_a_pod_requests_its_containers_or_the_largest_before_them(
    containers: list[str], starting: list[str], expected: int
) -> None:
    (found,) = cluster_survey.pods([pod(containers, starting)])
    assert found.request.millicores == expected


def test_a_pod_that_is_being_deleted_holds_nothing() -> None:
    assert cluster_survey.pods([pod(["1"], deletionTimestamp="2026-01-01T00:00:00Z")]) == ()


def test_an_api_that_is_not_registered_is_nowhere() -> None:
    service: KubeObject = {"spec": {"service": {"namespace": "kube-system", "name": "metrics-server"}}}
    assert cluster_survey.metrics_namespace(service) == "kube-system"
    assert cluster_survey.metrics_namespace(None) == ""


@pytest.mark.parametrize(("age", "live"), [(10, True), (100, True), (121, False)])
def test_a_lease_lives_while_it_is_renewed(age: float, live: bool) -> None:
    assert [each.live for each in cluster_survey.leases([lease(age)], NOW)] == [live]


def test_an_object_belongs_to_the_stack_that_its_label_names() -> None:
    ours: KubeObject = {"metadata": {"name": "a", "labels": {"app.kubernetes.io/instance": "minikube"}}}
    assert cluster_survey.owners([ours, {"metadata": {"name": "b"}}]) == {"a": "minikube", "b": ""}


def test_only_a_balanced_service_with_an_address_counts() -> None:
    def service(kind: str, *addresses: str) -> KubeObject:
        ingress = [{"ip": address} for address in addresses]
        status = {"loadBalancer": {"ingress": ingress}}
        return {"metadata": {"namespace": "n", "name": kind}, "spec": {"type": kind}, "status": status}

    items = [service("LoadBalancer"), service("NodePort"), service("LoadBalancer", "192.0.2.1")]
    assert cluster_survey.addressed(items) == ("n/LoadBalancer",)


def test_a_node_is_here_if_one_of_its_addresses_is_this_machines() -> None:
    def nodes(*addresses: str) -> tuple[Node, ...]:
        told = [
            [{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": a}] for a in addresses
        ]
        items: list[KubeObject] = [
            {"metadata": {"name": "n"}, "spec": {}, "status": {"allocatable": {}, "addresses": each}}
            for each in told
        ]
        return cluster_survey.nodes(items)

    assert [each.address for each in nodes("127.0.0.1")] == ["127.0.0.1"]
    assert cluster_survey.nodes_here(nodes("192.0.2.1", "127.0.0.1")) is True
    assert cluster_survey.nodes_here(nodes("192.0.2.1", "2001:db8::1")) is False
    assert cluster_survey.nodes_here(()) is None


def test_a_machine_without_ps_runs_no_known_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    assert cluster_survey.programs_here() == ()
