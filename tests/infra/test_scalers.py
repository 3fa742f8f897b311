"""The autoscaler, and the one field that it must not share with Pulumi."""

import re
from dataclasses import replace
from typing import Any, cast

import pytest

from infra.serving import scalers, workload
from infra.serving.scalers import hpa
from stack.kube import KubeObject
from stack.namespaces import Placement
from stack.servers import SERVERS
from stack.servers.server import ModelServer
from stack.settings import Autoscaling, Behavior, Keda, Platform, PrometheusSettings, ScalingPace, Settings

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
    spec = cast("KubeObject", hpa.autoscaler("x", Autoscaling(2, 5, 70), PLACEMENT)["spec"])
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    target = {"type": "Utilization", "averageUtilization": 70}
    assert spec["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


def test_each_direction_has_a_pace_of_its_own() -> None:
    wanted = Behavior(scale_up=ScalingPace(0, 2, 15), scale_down=ScalingPace(60, 1, 30))
    found = hpa.behavior(wanted)
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
    found = hpa.behavior(wanted)
    assert cast("KubeObject", found["scaleUp"])["tolerance"] == quantity
    assert "tolerance" not in cast("KubeObject", found["scaleDown"])


KEDA = Settings(autoscaling=Autoscaling(2, 5, scaler="keda", metric="requestsInFlight", target=1.5))


def scaled_object(settings: Settings) -> KubeObject:
    return spec_of("ScaledObject", RUNNING[0], settings)


def test_keda_scales_between_the_bounds_by_the_load_of_all_pods_for_each() -> None:
    spec = scaled_object(KEDA)
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 5)
    (trigger,) = cast("list[Any]", spec["triggers"])
    assert trigger["metricType"] == "AverageValue"
    assert trigger["metadata"]["threshold"] == "1.5"
    assert trigger["metadata"]["serverAddress"] == "http://prometheus.emotion-monitoring.svc:9090"


def test_a_lost_metric_takes_no_pod_away() -> None:
    """KEDA takes an empty answer of Prometheus for 0 unless told otherwise."""
    spec = scaled_object(KEDA)
    (trigger,) = cast("list[Any]", spec["triggers"])
    assert trigger["metadata"]["ignoreNullValues"] == "false"
    fallback = cast("KubeObject", spec["fallback"])
    assert (fallback["behavior"], fallback["replicas"]) == ("currentReplicasIfHigher", 2)


def test_a_stack_may_ask_for_pods_while_the_metric_is_lost() -> None:
    wanted = replace(
        KEDA, autoscaling=replace(KEDA.autoscaling or Autoscaling(), keda=Keda(fallback_replicas=4))
    )
    assert cast("KubeObject", scaled_object(wanted)["fallback"])["replicas"] == 4


def test_another_prometheus_is_asked_where_the_stack_names_it() -> None:
    other = Platform(prometheus=PrometheusSettings(enabled=False, url="http://mimir.example:9009/prometheus"))
    (trigger,) = cast("list[Any]", scaled_object(replace(KEDA, platform=other))["triggers"])
    assert trigger["metadata"]["serverAddress"] == "http://mimir.example:9009/prometheus"


def test_rates_are_taken_over_the_window_that_is_set() -> None:
    faster = replace(
        KEDA, autoscaling=replace(KEDA.autoscaling or Autoscaling(), keda=Keda(window_seconds=30))
    )
    windows = [
        re.findall(r"\[(\d+s)\]", str(scaled_object(settings)["triggers"])) for settings in (KEDA, faster)
    ]
    assert windows == [["40s"], ["30s"]]


def test_the_two_scalers_never_share_an_autoscaler() -> None:
    """While a stack changes from one to the other, both are there, and the old one's goes."""
    names = [scalers.autoscaler("torchserve", settings) for settings in (SCALED, KEDA, Settings())]
    assert names == ["torchserve", "keda-hpa-torchserve", None]
