"""Scaler vpa: what is rendered, and what of the cluster it needs."""

from dataclasses import replace
from typing import cast

import pytest

from infra import capacity, preflight, room
from infra.capacity import Amount, Node
from infra.cluster_survey import VPA_KIND, Survey
from infra.serving import scalers, workload
from stack.kube import KubeObject
from stack.namespaces import Placement
from stack.servers import SERVERS
from stack.servers.server import ModelServer
from stack.settings import Autoscaling, Platform, Resources, Settings, Vpa, VpaSettings

PLACEMENT = Placement("tf-vpa")
RUNNING = (SERVERS["tensorflow"], SERVERS["torchserve"], SERVERS["triton"])
SCALED = Settings(
    replicas=2,
    autoscaling=Autoscaling(scaler="vpa", vpa=Vpa("100m", "700m")),
    resources=Resources("200m", "400m"),
)
THERE = {VPA_KIND: "minikube"}
DECLARING = replace(SCALED, platform=Platform(enabled=True, vpa=VpaSettings(enabled=True)))


def rendered(server: ModelServer, settings: Settings) -> dict[str, KubeObject]:
    objects = workload.objects(server, settings, PLACEMENT, "image:tag")
    return {str(item["kind"]): cast("KubeObject", item["spec"]) for item in objects if "spec" in item}


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_it_resizes_the_serving_container_of_its_server_between_the_bounds(server: ModelServer) -> None:
    spec = rendered(server, SCALED)["VerticalPodAutoscaler"]
    assert spec["targetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": server.component}
    (policy,) = cast("dict[str, list[KubeObject]]", spec["resourcePolicy"])["containerPolicies"]
    assert policy["containerName"] == server.component
    assert (policy["minAllowed"], policy["maxAllowed"]) == ({"cpu": "100m"}, {"cpu": "700m"})
    assert policy["controlledResources"] == ["cpu"]


def test_the_number_of_pods_stays_the_stacks() -> None:
    assert rendered(RUNNING[0], SCALED)["Deployment"]["replicas"] == 2
    assert scalers.autoscaler("tensorflow-serving", SCALED) is None


def test_the_deployment_is_as_without_it() -> None:
    """Else Pulumi and VPA would undo each other."""
    plain = rendered(RUNNING[0], replace(SCALED, autoscaling=None))
    assert rendered(RUNNING[0], SCALED)["Deployment"] == plain["Deployment"]


def test_pods_need_room_at_their_largest() -> None:
    objects = workload.objects(RUNNING[0], SCALED, PLACEMENT, "image:tag")
    assert [(each.pod.millicores, each.copies) for each in capacity.demands(objects)] == [(700, 2), (200, 1)]


def checked(settings: Settings, **known: object) -> tuple[str, ...]:
    stack = preflight.Stack("tf-vpa", settings, (), "embedded")
    return tuple(preflight.scalers(stack, Survey(**known)))  # type: ignore[arg-type]


def test_a_cluster_without_vpa_is_refused_with_the_commands() -> None:
    (problem,) = checked(SCALED, vpa={})
    assert problem.startswith("autoscaling.scaler: expected a cluster with VPA for vpa, got none; deploy it:")
    assert "pulumi config set --path platform.vpa.enabled true --stack minikube" in problem


@pytest.mark.parametrize("known", [THERE, {VPA_KIND: ""}, None])
def test_anybodys_vpa_will_do_and_what_may_not_be_asked_is_left_out(known: object) -> None:
    assert not checked(SCALED, vpa=known)


def test_a_stack_that_declares_vpa_may_scale_by_it() -> None:
    assert not checked(DECLARING, vpa={})
    assert not checked(DECLARING, vpa={VPA_KIND: "tf-vpa"})


@pytest.mark.parametrize(("owner", "told"), [("minikube", "of minikube"), ("", "of nobody here")])
def test_a_second_vpa_is_refused(owner: str, told: str) -> None:
    (problem,) = checked(DECLARING, vpa={VPA_KIND: owner})
    assert problem.startswith("platform.vpa.enabled: expected false, got true;")
    assert told in problem


def test_vpa_cannot_go_while_a_stack_scales_by_it() -> None:
    """With their kind all VerticalPodAutoscalers would be gone."""
    used = Survey(namespaces={"emotion-vpa": "tf-vpa"}, vertical=("emotion-torch",))
    (problem,) = preflight.scalers(preflight.Stack("tf-vpa", Settings(), (), "embedded"), used)
    assert problem.startswith("platform.vpa.enabled: expected true while emotion-torch scale by VPA")
    assert not preflight.scalers(preflight.Stack("other", Settings(), (), "embedded"), used)


def test_no_request_may_grow_beyond_the_largest_node() -> None:
    wide = replace(SCALED, autoscaling=Autoscaling(scaler="vpa", vpa=Vpa("100m", "3")))
    node = Survey(nodes=(Node("a", Amount(2000, 8192)),))
    assert room.request_size(SCALED, node) == []
    (problem,) = room.request_size(wide, node)
    assert problem.startswith("autoscaling.vpa.maxCpuRequest: expected at most 2000m")
