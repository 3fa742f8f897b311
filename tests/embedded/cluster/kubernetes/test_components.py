import ipaddress
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from embedded.cluster import image_services, layout
from embedded.cluster.kubernetes import components, configs, manifests
from embedded.cluster.layout import Layout
from embedded.cluster.processes.component import Component

WHERE = Layout(Path("/cache"), Path("/state"))
FACTS = configs.Facts("registry.k8s.io/pause:3.10.1")
DEFAULT_ROUTE_OF_PODS = '"dst": "0.0.0.0/0"'
Golden = Callable[[str, str], None]


def tool(name: str) -> str:
    return f"/tools/{name}"


EVERY = (*image_services.components(WHERE, tool), *components.cluster(WHERE, tool))
FILES = {**configs.cluster_files(WHERE, FACTS), **image_services.config_files(WHERE)}


def test_the_command_lines_are_those_reviewed(golden: Golden) -> None:
    blocks = ["\n  ".join((component.name, *component.argv)) for component in EVERY]
    golden("embedded-cluster-commands.txt", "\n".join(blocks).replace(sys.executable, "python") + "\n")


def test_the_configuration_files_are_those_reviewed(golden: Golden) -> None:
    golden("embedded-cluster-files.txt", "".join(f"=== {name}\n{text}" for name, text in FILES.items()))


def test_names_and_ports_are_each_used_once() -> None:
    names = [component.name for component in EVERY]
    ports = [port for component in EVERY for port in component.ports]
    assert len(set(names)) == len(names)
    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize("component", EVERY, ids=lambda component: component.name)
def test_nothing_is_told_to_listen_outwards(component: Component) -> None:
    allowed = [ipaddress.ip_network(cidr) for cidr in ("127.0.0.0/8", "10.244.0.0/16", "10.96.0.0/16")]
    files = [FILES.get(str(file.relative_to(WHERE.config)), "") for file in _configs(component)]
    text = " ".join((*component.argv, *files)).replace(DEFAULT_ROUTE_OF_PODS, "")
    for found in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text):
        assert any(ipaddress.ip_address(found) in network for network in allowed), found


def _configs(component: Component) -> list[Path]:
    return [file for file in component.files if file.is_relative_to(WHERE.config)]


def test_every_component_reads_only_files_that_are_written() -> None:
    written = {WHERE.config / name for name in FILES}
    written |= {
        WHERE.config / f"{name}.kubeconfig" for name in ("controller-manager", "scheduler", "kubelet")
    }
    written |= {WHERE.config / f"{name}.kubeconfig" for name in ("proxy", "loadbalancer")}
    for component in EVERY:
        assert set(_configs(component)) <= written, component.name


def test_pods_start_where_root_may_not_lower_its_oom_score() -> None:
    assert "restrict_oom_score_adj = true" in FILES["containerd.toml"]


def test_the_cni_configuration_is_json_with_our_bridge_and_no_masquerading() -> None:
    plugin = json.loads(FILES["cni/10-emotion-serving.conflist"])["plugins"][0]
    assert (plugin["bridge"], plugin["ipMasq"]) == (layout.BRIDGE, False)


def test_node_ports_are_served_on_loopback_only() -> None:
    assert yaml.safe_load(FILES["proxy.yaml"])["nodePortAddresses"] == ["127.0.0.0/8"]


def test_the_kubelet_lets_nobody_in_unknown() -> None:
    document = yaml.safe_load(FILES["kubelet.yaml"])
    assert document["authentication"]["anonymous"] == {"enabled": False}
    assert (document["authorization"], document["readOnlyPort"]) == ({"mode": "Webhook"}, 0)


def test_an_image_is_never_looked_up_outside_this_machine() -> None:
    assert set(re.findall(r"https?://[^\"/]+", FILES["certs.d/_default/hosts.toml"])) == {
        "http://127.0.0.1:5000"
    }


def test_the_manifests_name_upstream_and_what_kep_1755_asks_for() -> None:
    found = list(yaml.safe_load_all(manifests.render("registry.k8s.io/coredns/coredns:v1")))
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in found}
    hosting = by_name["ConfigMap", "local-registry-hosting"]
    assert hosting["metadata"]["namespace"] == "kube-public"
    assert yaml.safe_load(hosting["data"]["localRegistryHosting.v1"])["host"] == "127.0.0.1:5000"
    assert by_name["Service", "kube-dns"]["spec"]["clusterIP"] == "10.96.0.10"
    container = by_name["Deployment", "coredns"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.k8s.io/coredns/coredns:v1"


def test_dns_asks_nobody_outside() -> None:
    found = yaml.safe_load_all(manifests.render("i"))
    corefile = next(each["data"]["Corefile"] for each in found if "Corefile" in each.get("data", {}))
    assert "forward" not in corefile
    assert "rcode NXDOMAIN" in corefile


def test_overlays_are_not_stacked() -> None:
    assert configs.snapshotter("ext4") == "overlayfs"
    assert configs.snapshotter("overlay") == "native"
