"""The platform's gateway: what Traefik is told, and what it may."""

from typing import cast

from infra.gateway import definitions, metrics, traefik
from stack.kube import KubeObject, name_of
from stack.recorded import part
from stack.settings import GatewayPlatform, Slo

WANTED = GatewayPlatform(enabled=True, replicas=2, timeout_seconds=12, idle_seconds=7)
OBJECTS = traefik.objects("minikube", "v3.7.15", WANTED, Slo())


def one(kind: str, name: str = traefik.NAME) -> KubeObject:
    (found,) = (each for each in OBJECTS if (each["kind"], name_of(each)) == (kind, name))
    return found


def test_the_kinds_come_first_and_the_class_last() -> None:
    kinds = [str(each["kind"]) for each in OBJECTS]
    number = len(definitions.GATEWAY_API) + len(definitions.TRAEFIK)
    assert set(kinds[:number]) == {"CustomResourceDefinition"}
    assert "CustomResourceDefinition" not in kinds[number:]
    assert kinds[-1] == "GatewayClass"


def test_a_cluster_that_has_gateway_api_keeps_its_own() -> None:
    own = GatewayPlatform(enabled=True, definitions=False)
    kept = {name_of(each) for each in traefik.objects("minikube", "v3.7.15", own, Slo())}
    assert not any(name.endswith(definitions.GROUP) for name in kept)
    assert "middlewares.traefik.io" in kept


def test_settings_reach_the_command_line() -> None:
    told = traefik.arguments(WANTED, Slo())
    assert "--serverstransport.forwardingtimeouts.responseheadertimeout=12s" in told
    assert "--entrypoints.https.transport.respondingtimeouts.idletimeout=7s" in told
    assert not any(word.startswith(("--api", "--entrypoints.http.")) for word in told)


def test_an_end_waits_for_the_longest_request() -> None:
    pod = part(one("Deployment"), "spec", "template", "spec")
    assert cast("int", pod["terminationGracePeriodSeconds"]) > traefik.DRAIN_SECONDS + WANTED.timeout_seconds
    assert part(one("Deployment"), "spec")["replicas"] == 2


def test_the_objectives_are_bounds_of_the_histogram() -> None:
    assert {0.037, 0.7} <= set(traefik.buckets(Slo(p95_millis=37, p99_millis=700)))
    assert list(traefik.buckets(Slo())) == sorted(set(traefik.buckets(Slo())))


def test_it_writes_nothing_but_the_state_of_gateways() -> None:
    rights = cast("list[dict[str, list[str]]]", one("ClusterRole", traefik.ROLE)["rules"])
    writing = [right for right in rights if not set(right["verbs"]) <= {"get", "list", "watch"}]
    assert [right["verbs"] for right in writing] == [["update"]]
    assert all(name.endswith("/status") for name in writing[0]["resources"])


def test_it_may_read_every_kind_that_it_waits_for() -> None:
    rights = cast("list[dict[str, list[str]]]", one("ClusterRole", traefik.ROLE)["rules"])
    readable = {(right["apiGroups"][0], name) for right in rights for name in right["resources"]}
    declared = (each for each in OBJECTS if each["kind"] == "CustomResourceDefinition")
    assert {
        (str(part(d, "spec")["group"]), str(part(d, "spec", "names")["plural"])) for d in declared
    } <= readable


def test_prometheus_alone_reads_its_metrics() -> None:
    rules = cast("list[KubeObject]", part(one("NetworkPolicy"), "spec")["ingress"])
    assert [
        ("from" in rule, [p["port"] for p in cast("list[KubeObject]", rule["ports"])]) for rule in rules
    ] == [
        (False, [traefik.PORT]),
        (True, [traefik.METRICS_PORT]),
    ]


def test_prometheus_keeps_the_port_of_metrics() -> None:
    kept = cast("list[KubeObject]", metrics.scraping()["relabel_configs"])[0]
    ports = cast("list[KubeObject]", part(one("Deployment"), "spec", "template", "spec")["containers"])[0][
        "ports"
    ]
    assert kept["regex"] in [port["name"] for port in cast("list[KubeObject]", ports)]
