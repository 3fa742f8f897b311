"""A stack's way through a gateway: what its Gateway, routes, key and limits say."""

from typing import cast

import pytest

from infra import certificate, declare
from infra.gateway import door, traefik
from infra.serving import access, workload
from stack.kube import KubeObject, name_of
from stack.namespaces import Placement
from stack.recorded import part
from stack.servers import SERVERS
from stack.settings import Gateway, ServiceSettings, Settings

PLACEMENT = Placement("x")
RUNNING = (SERVERS["tensorflow"], SERVERS["torchserve"])
HOSTS = ("127.0.0.1", "localhost")
ELSEWHERE = Gateway("gke-l7-rilb", "emotions.example.com", "certificate", False, timeout_seconds=9)


def objects(wanted: Gateway, kind: str) -> list[KubeObject]:
    made = door.objects(RUNNING, wanted, PLACEMENT, HOSTS)
    return [each for each in made if each["kind"] == kind]


def rules(wanted: Gateway) -> list[KubeObject]:
    specs = (part(route, "spec") for route in objects(wanted, "HTTPRoute"))
    return [cast("list[KubeObject]", spec["rules"])[0] for spec in specs]


def listener(wanted: Gateway) -> KubeObject:
    (gateway,) = objects(wanted, "Gateway")
    return cast("list[KubeObject]", part(gateway, "spec")["listeners"])[0]


def admitted(wanted: Gateway, server: int) -> list[object]:
    settings = Settings(service=ServiceSettings(gateway=wanted))
    spec = part(access.allow(RUNNING[server], settings, PLACEMENT), "spec")
    return [rule.get("from") for rule in cast("list[KubeObject]", spec["ingress"])]


def test_each_server_has_a_route_for_its_predictions_and_none_for_its_metrics() -> None:
    paths = [part(cast("list[KubeObject]", rule["matches"])[0], "path") for rule in rules(Gateway())]
    assert [path["value"] for path in paths] == ["/v1/models", "/predictions"]
    assert {path["type"] for path in paths} == {"PathPrefix"}


def test_a_request_shows_its_key_before_it_takes_a_place_or_is_read() -> None:
    wanted = Gateway(requests_in_flight=8)
    names = [
        part(each, "extensionRef")["name"] for each in cast("list[KubeObject]", rules(wanted)[1]["filters"])
    ]
    assert names == ["gateway-key", "gateway-in-flight-torchserve", "gateway-body-limit"]
    assert set(names) <= {name_of(each) for each in objects(wanted, "Middleware")}


def test_limits_are_in_traefiks_units() -> None:
    specs = {name_of(m): m["spec"] for m in objects(Gateway(requests_in_flight=8), "Middleware")}
    assert specs["gateway-body-limit"] == {"buffering": {"maxRequestBodyBytes": 32 * 2**20}}
    assert specs["gateway-in-flight-torchserve"] == {"inFlightReq": {"amount": 8}}


def test_the_servers_never_see_the_key() -> None:
    (key,) = (m for m in objects(Gateway(), "Middleware") if name_of(m) == "gateway-key")
    assert part(key, "spec", "basicAuth")["removeHeader"] is True


def test_a_certificate_of_ones_own_leaves_nothing_to_make() -> None:
    made, own = Gateway(), Gateway(tls_secret="certificate")
    (secret,) = (each for each in objects(made, "Secret") if each["type"] == certificate.TLS)
    assert part(listener(made), "tls")["certificateRefs"] == [{"kind": "Secret", "name": name_of(secret)}]
    assert part(listener(own), "tls")["certificateRefs"] == [{"kind": "Secret", "name": "certificate"}]
    assert [each["type"] for each in objects(own, "Secret")] == ["kubernetes.io/basic-auth"]


def test_other_hosts_are_another_certificate() -> None:
    assert name_of(door.certificate(PLACEMENT, HOSTS)) != name_of(door.certificate(PLACEMENT, ("a.test",)))
    assert certificate.hosts_of(door.certificate(PLACEMENT, HOSTS)) == HOSTS


def test_clients_that_ask_for_an_address_get_the_certificate_too() -> None:
    (store,) = objects(Gateway(tls_secret="certificate"), "TLSStore")
    assert part(store, "spec") == {"defaultCertificate": {"secretName": "certificate"}}
    assert objects(Gateway(host="a.example.com"), "TLSStore") == []


def test_a_gateway_elsewhere_gets_what_gateway_api_has_words_for() -> None:
    kinds = {str(each["kind"]) for each in door.objects(RUNNING, ELSEWHERE, PLACEMENT, HOSTS)}
    assert kinds == {"Gateway", "HTTPRoute"}
    assert listener(ELSEWHERE)["port"] == 443
    assert listener(ELSEWHERE)["hostname"] == "emotions.example.com"
    assert rules(ELSEWHERE)[0]["timeouts"] == {"request": "9s"}
    assert listener(Gateway())["port"] == traefik.PORT
    assert "hostname" not in listener(Gateway())


@pytest.mark.parametrize("wanted", [Gateway(), Gateway(namespace="proxies")])
def test_the_servers_admit_the_gateway_alone_and_prometheus_to_metrics(wanted: Gateway) -> None:
    peer = door.callers(wanted)
    assert admitted(wanted, 0) == [[peer, access.PROMETHEUS]]  # one port for both
    assert admitted(wanted, 1) == [[peer], [access.PROMETHEUS]]


def test_load_balancers_outside_the_cluster_have_no_address_that_a_policy_could_name() -> None:
    assert admitted(ELSEWHERE, 1) == [None, [access.PROMETHEUS]]


def test_behind_a_gateway_services_are_of_the_cluster() -> None:
    settings = Settings(service=ServiceSettings(gateway=Gateway()))
    assert part(workload.service(RUNNING[0], settings, PLACEMENT), "spec")["type"] == "ClusterIP"


def test_the_one_of_a_stack_is_made_once_and_stays() -> None:
    secret = door.certificate(PLACEMENT, HOSTS)
    assert declare.ignored(secret) == ["data"]
