"""The serving objects: what decides a pod, and what must never be in one."""

from typing import cast

import pytest

from infra.serving import access, workload
from stack.kube import KubeObject, deny_all
from stack.namespaces import Placement
from stack.servers import SERVERS
from stack.servers.server import ModelServer
from stack.settings import (
    Availability,
    Batching,
    PlacementSettings,
    Platform,
    PrometheusSettings,
    ServiceSettings,
    Settings,
    TensorFlow,
    TorchServe,
)

PLACEMENT = Placement("minikube")
RUNNING = (SERVERS["tensorflow"], SERVERS["torchserve"])


def pod_of(server: ModelServer, settings: Settings) -> KubeObject:
    objects = workload.objects(server, settings, PLACEMENT, "image:tag")
    (deployment,) = (item for item in objects if item["kind"] == "Deployment")
    template = cast("dict[str, KubeObject]", cast("KubeObject", deployment["spec"])["template"])
    return template["spec"]


def container_of(server: ModelServer, settings: Settings) -> KubeObject:
    (container,) = cast("list[KubeObject]", pod_of(server, settings)["containers"])
    return container


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_more_replicas_change_nothing_but_the_replicas(server: ModelServer) -> None:
    one = workload.objects(server, Settings(), PLACEMENT, "image:tag")
    two = workload.objects(server, Settings(replicas=2), PLACEMENT, "image:tag")
    for before, after in zip(one, two, strict=True):
        if before["kind"] == "Deployment":
            spec = cast("KubeObject", before["spec"])
            assert after["spec"] == spec | {"replicas": 2}
        else:
            assert before == after


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_a_changed_configuration_has_a_new_name_so_the_pods_roll(server: ModelServer) -> None:
    changed = Settings(tensorflow=TensorFlow(batching=Batching()), torchserve=TorchServe(batch_size=8))
    volumes = [pod_of(server, settings)["volumes"] for settings in (Settings(), changed)]
    assert volumes[0] != volumes[1]


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_only_inference_is_published(server: ModelServer) -> None:
    service = workload.service(server, Settings(), PLACEMENT)
    ports = cast("list[dict[str, object]]", cast("KubeObject", service["spec"])["ports"])
    assert [port["port"] for port in ports] == [server.inference.number]


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_liveness_and_readiness_ask_different_questions(server: ModelServer) -> None:
    probes = server.probes
    assert probes.readiness.get("httpGet") != probes.liveness.get("httpGet")


def of_kind(kind: str, server: ModelServer, settings: Settings) -> list[KubeObject]:
    return [o for o in workload.objects(server, settings, PLACEMENT, "image:tag") if o["kind"] == kind]


def ingress_rules(server: ModelServer, settings: Settings) -> list[KubeObject]:
    spec = cast("KubeObject", access.allow(server, settings, PLACEMENT)["spec"])
    return cast("list[KubeObject]", spec["ingress"])


def test_metrics_are_published_only_on_request() -> None:
    published = Settings(service=ServiceSettings(publish_metrics=True))
    spec = cast("KubeObject", workload.service(RUNNING[1], published, PLACEMENT)["spec"])
    assert [port["port"] for port in cast("list[KubeObject]", spec["ports"])] == [8080, 8082]
    spec = cast("KubeObject", workload.service(RUNNING[0], published, PLACEMENT)["spec"])
    assert [port["port"] for port in cast("list[KubeObject]", spec["ports"])] == [8501]


def test_a_clouds_annotations_reach_the_service() -> None:
    wanted = Settings(service=ServiceSettings(type="LoadBalancer", annotations=(("a.example/b", "c"),)))
    metadata = cast("KubeObject", workload.service(RUNNING[0], wanted, PLACEMENT)["metadata"])
    assert metadata["annotations"] == {"a.example/b": "c"}


def test_a_namespace_denies_what_no_other_policy_allows() -> None:
    spec = cast("KubeObject", deny_all(PLACEMENT.namespace, {})["spec"])
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_torchserves_metrics_are_for_prometheus_alone() -> None:
    inference, metrics = ingress_rules(RUNNING[1], Settings())
    assert inference == {"ports": [{"protocol": "TCP", "port": 8080}]}
    assert metrics["ports"] == [{"protocol": "TCP", "port": 8082}]
    assert metrics["from"] == [access.PROMETHEUS]


def test_tensorflows_metrics_share_the_port_of_inference() -> None:
    assert ingress_rules(RUNNING[0], Settings()) == [{"ports": [{"protocol": "TCP", "port": 8501}]}]


def test_a_prometheus_elsewhere_may_scrape_from_any_namespace() -> None:
    elsewhere = Platform(prometheus=PrometheusSettings(enabled=False, url="http://p:9090"))
    _, metrics = ingress_rules(RUNNING[1], Settings(platform=elsewhere))
    assert metrics["from"] == [{"namespaceSelector": {}}]


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_availability_can_be_switched_off_part_by_part(server: ModelServer) -> None:
    bare = Settings(availability=Availability(False, False, False))
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        assert len(of_kind(kind, server, Settings())) == 1
        assert of_kind(kind, server, bare) == []
    assert "topologySpreadConstraints" in pod_of(server, Settings())
    assert "topologySpreadConstraints" not in pod_of(server, bare)


def test_a_pod_that_is_not_ready_never_holds_up_a_drain() -> None:
    (budget,) = of_kind("PodDisruptionBudget", RUNNING[0], Settings())
    spec = cast("KubeObject", budget["spec"])
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_one_node_takes_all_pods_where_there_is_no_other() -> None:
    constraints = cast("list[KubeObject]", pod_of(RUNNING[0], Settings())["topologySpreadConstraints"])
    assert {constraint["whenUnsatisfiable"] for constraint in constraints} == {"ScheduleAnyway"}


def test_a_registrys_credentials_are_named_by_the_pod_only_where_there_are_some() -> None:
    secured = Settings(image_pull_secret='{"auths": {}}')
    assert pod_of(RUNNING[0], secured)["imagePullSecrets"] == [{"name": "registry-credentials"}]
    assert "imagePullSecrets" not in pod_of(RUNNING[0], Settings())
    secret = access.pull_secret('{"auths": {}}', PLACEMENT)
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    assert secret["data"] == {".dockerconfigjson": "eyJhdXRocyI6IHt9fQ=="}


PLACED = PlacementSettings((("pool", "serving"),), ("pool=serving:NoSchedule", "gpu"), max_zone_skew=2)


def constraints(settings: Settings) -> list[tuple[object, object, object]]:
    found = pod_of(RUNNING[0], settings).get("topologySpreadConstraints", [])
    wanted = ("topologyKey", "whenUnsatisfiable", "maxSkew")
    return [(each[wanted[0]], each[wanted[1]], each[wanted[2]]) for each in cast("list[KubeObject]", found)]


def test_pods_run_on_the_nodes_that_the_settings_name() -> None:
    pod = pod_of(RUNNING[0], Settings(placement=PLACED))
    assert pod["nodeSelector"] == {"pool": "serving"}
    assert pod["tolerations"] == [
        {"key": "pool", "operator": "Equal", "value": "serving", "effect": "NoSchedule"},
        {"key": "gpu", "operator": "Exists"},
    ]


def test_a_zone_skew_is_required_and_other_nodes_stay_preferred() -> None:
    host, zone = ("kubernetes.io/hostname", "ScheduleAnyway", 1), "topology.kubernetes.io/zone"
    assert constraints(Settings()) == [host, (zone, "ScheduleAnyway", 1)]
    assert constraints(Settings(placement=PLACED)) == [host, (zone, "DoNotSchedule", 2)]
    alone = Settings(placement=PLACED, availability=Availability(topology_spread=False))
    assert constraints(alone) == [(zone, "DoNotSchedule", 2)]
