"""The running cluster, looked at but not harmed."""

import socket

import psutil
import pytest
import yaml

from embedded import cluster
from embedded.cluster import layout
from embedded.cluster.processes import process
from embedded.cluster.processes.probes import Http, check
from embedded.machine import paths
from tests.embedded.cluster.conftest import NAMESPACE, Answer, Probe, eventually, kubectl

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("running")]

INSIDE = ("127.", "10.244.0.1", "::1")


def pids() -> dict[str, int | None]:
    return {each.name: each.pid for each in cluster.status().processes}


def test_every_process_is_healthy_and_the_node_ready() -> None:
    found = cluster.status()
    assert [each.name for each in found.processes if not each.healthy] == []
    assert found.node.ready, found.node.reason
    assert found.healthy


def test_a_second_start_leaves_every_process_alone() -> None:
    before = pids()
    cluster.start()
    assert pids() == before


def test_dns_runs_from_its_upstream_image_name() -> None:
    eventually(lambda: cluster.status().dns.ready)


def test_the_kubeconfig_has_one_context_and_leads_to_loopback() -> None:
    document = yaml.safe_load(paths.kubeconfig().read_text())
    assert [each["name"] for each in document["contexts"]] == ["embedded"]
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert paths.kubeconfig().stat().st_mode & 0o077 == 0
    assert kubectl("get", "--raw", "/readyz") == "ok"


def test_no_process_of_ours_listens_outwards() -> None:
    here = layout.current()
    ours = {each.pid for each in cluster.status().processes}
    for name in ("containerd", "docker-containerd", "dockerd"):
        ours |= set(process.marked(f"{name}@{here.state}"))
    links = [link for link in psutil.net_connections(kind="inet") if link.pid in ours]
    listening = [
        link for link in links if link.status in {psutil.CONN_LISTEN, psutil.CONN_NONE} and link.laddr
    ]
    assert len(listening) > 10
    assert [link for link in listening if link.laddr and not link.laddr.ip.startswith(INSIDE)] == []


def test_a_load_balancer_address_answers_on_this_machine(probe: Probe) -> None:
    assert probe.address.startswith("127.0.10.")
    assert probe.ask() == Answer(200, "pong")


def test_a_node_port_answers_on_loopback_and_on_no_other_address(probe: Probe) -> None:
    assert probe.ask(host=f"127.0.0.1:{probe.node_port}") == Answer(200, "pong")
    found = [
        address.address for each in psutil.net_if_addrs().values() for address in each if address.family == 2
    ]
    for address in {address for address in found if not address.startswith("127.")}:
        assert not check(Http(address, probe.node_port, "/")), f"NodePort answers on {address}"


def test_a_pod_resolves_services_and_nothing_of_the_outside_world(probe: Probe) -> None:
    eventually(lambda: cluster.status().dns.ready)
    assert probe.resolve("kubernetes.default.svc.cluster.local") == Answer(200, "10.96.0.1")
    assert probe.resolve("kubernetes.default") == Answer(200, "10.96.0.1")
    outside = probe.resolve("example.com")
    assert outside.status == 404
    assert "no such host" in outside.text


def test_a_pod_reaches_the_api_server_but_no_unused_service_address(probe: Probe) -> None:
    assert probe.dial("10.96.0.1:443") == Answer(200, "connected")
    refused = probe.dial("10.96.255.254:80")
    assert "connection refused" in refused.text


def test_an_unused_service_address_is_refused_here_too() -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("10.96.255.254", 80), timeout=5)


def test_the_api_server_fetches_logs_over_the_kubelets_verified_certificate(probe: Probe) -> None:
    assert probe.answers()
    kubectl("logs", "deployment/probe", f"--namespace={NAMESPACE}")


def test_pod_security_is_enforced() -> None:
    kubectl("get", "namespace", "kube-system")
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bad", "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
    }
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        kubectl("create", "--dry-run=server", "--filename=-", stdin=yaml.safe_dump(document))
