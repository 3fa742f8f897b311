"""The autoscaler, and the one field that it must not share with Pulumi."""

from typing import cast

import pytest

from infra.serving import autoscaling, workload
from stack.kube import KubeObject
from stack.namespaces import Placement
from stack.servers import SERVERS
from stack.servers.server import ModelServer
from stack.settings import Autoscaling, Behavior, ScalingPace, Settings

PLACEMENT = Placement("torch-hpa")
RUNNING = (SERVERS["tensorflow"], SERVERS["torchserve"])
SCALED = Settings(autoscaling=Autoscaling(min_replicas=1, max_replicas=3))


def spec_of(kind: str, server: ModelServer, settings: Settings) -> KubeObject:
    objects = workload.objects(server, settings, PLACEMENT, "image:tag")
    (found,) = (item for item in objects if item["kind"] == kind)
    return cast("KubeObject", found["spec"])


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_pulumi_says_nothing_of_replicas_that_an_autoscaler_owns(server: ModelServer) -> None:
    assert "replicas" not in spec_of("Deployment", server, SCALED)
    assert spec_of("Deployment", server, Settings(replicas=2))["replicas"] == 2


@pytest.mark.parametrize("server", RUNNING, ids=lambda server: server.name)
def test_the_autoscaler_scales_the_deployment_of_its_server(server: ModelServer) -> None:
    target = spec_of("HorizontalPodAutoscaler", server, SCALED)["scaleTargetRef"]
    assert target == {"apiVersion": "apps/v1", "kind": "Deployment", "name": server.component}


def test_without_autoscaling_there_is_no_autoscaler() -> None:
    kinds = [item["kind"] for item in workload.objects(RUNNING[0], Settings(), PLACEMENT, "image:tag")]
    assert "HorizontalPodAutoscaler" not in kinds


def test_bounds_and_target_are_the_settings() -> None:
    spec = cast("KubeObject", autoscaling.autoscaler("x", Autoscaling(2, 5, 70), PLACEMENT)["spec"])
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    target = {"type": "Utilization", "averageUtilization": 70}
    assert spec["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


def test_each_direction_has_a_pace_of_its_own() -> None:
    wanted = Behavior(scale_up=ScalingPace(0, 2, 15), scale_down=ScalingPace(60, 1, 30))
    found = autoscaling.behavior(wanted)
    assert found["scaleUp"] == {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 2, "periodSeconds": 15}],
    }
    down = cast("KubeObject", found["scaleDown"])
    assert down["stabilizationWindowSeconds"] == 60


@pytest.mark.parametrize(("percent", "quantity"), [(0, "0"), (5, "50m"), (25, "250m")])
def test_a_tolerance_is_written_as_kubernetes_writes_it(percent: int, quantity: str) -> None:
    """Another spelling of the same number would be a change at every preview."""
    wanted = Behavior(scale_up=ScalingPace(tolerance_percent=percent))
    found = autoscaling.behavior(wanted)
    assert cast("KubeObject", found["scaleUp"])["tolerance"] == quantity
    assert "tolerance" not in cast("KubeObject", found["scaleDown"])
