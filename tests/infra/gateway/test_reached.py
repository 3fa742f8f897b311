"""Where a gateway is reached."""

import pytest

from infra.gateway import reached
from stack.kube import KubeObject
from stack.settings import Gateway

PATH = "/predictions/emotions"
NAMED = Gateway(host="emotions.example.com")
FOREIGN = Gateway("gke-l7-rilb", "emotions.example.com", require_key=False)


def service(kind: str, **ingress: str) -> KubeObject:
    status = {"loadBalancer": {"ingress": [ingress]}} if ingress else {}
    return {"spec": {"type": kind, "ports": [{"port": 443, "nodePort": 31443}]}, "status": status}


@pytest.mark.parametrize(
    ("found", "at"),
    [
        (service("NodePort"), "192.0.2.1:31443"),
        (service("LoadBalancer"), "192.0.2.1:31443"),
        (service("LoadBalancer", ip="198.51.100.7"), "198.51.100.7:443"),
        (service("LoadBalancer", hostname="lb.example.com"), "lb.example.com:443"),
        (service("ClusterIP"), None),
    ],
)
def test_the_platforms_gateway_is_at_its_services_address(found: KubeObject, at: str | None) -> None:
    assert reached.of_service(found, "192.0.2.1") == at


@pytest.mark.parametrize(
    ("wanted", "found", "url"),
    [
        (Gateway(), "127.0.0.1:31443", f"https://127.0.0.1:31443{PATH}"),
        (Gateway(), "198.51.100.7:443", f"https://198.51.100.7{PATH}"),
        (NAMED, "127.0.0.1:31443", f"https://emotions.example.com:31443{PATH}"),
        (NAMED, "198.51.100.7:443", f"https://emotions.example.com{PATH}"),
        (Gateway(), None, None),
        (NAMED, None, f"https://emotions.example.com{PATH}"),
        (FOREIGN, None, f"https://emotions.example.com{PATH}"),
    ],
)
def test_clients_ask_its_name_or_else_its_address(
    wanted: Gateway, found: str | None, url: str | None
) -> None:
    assert reached.url(wanted, found, PATH) == url


def test_a_certificate_is_for_every_way_that_leads_there() -> None:
    assert reached.hosts(Gateway(), "127.0.0.1", "127.0.0.9:443") == ("127.0.0.9", "127.0.0.1", "localhost")
    assert reached.hosts(Gateway(), "192.0.2.1", None) == ("192.0.2.1", "localhost", "127.0.0.1")
    assert reached.hosts(NAMED, "192.0.2.1", None) == ("emotions.example.com",)
