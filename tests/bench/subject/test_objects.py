"""Kubernetes' JSON is read as it is written, and what is not there reads as nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from bench.subject.objects import (
    Autoscaler,
    Condition,
    Container,
    Deployment,
    Pace,
    Pod,
    Policy,
    Scaled,
    autoscalers,
    conditions,
    deployments,
    pods,
    scaled_objects,
)
from infra.serving.scalers import keda
from infra.serving.scalers.hpa import autoscaler
from stack.namespaces import Placement
from stack.servers import SERVERS
from stack.settings import Autoscaling, Settings

BY_KEDA = Settings(autoscaling=Autoscaling(scaler="keda", metric="requestsInFlight", target=2))

POD = {
    "metadata": {
        "namespace": "emotion-demo",
        "name": "torchserve-1",
        "labels": {"app.kubernetes.io/name": "torchserve"},
        "creationTimestamp": "2026-11-24T12:51:54Z",
    },
    "spec": {
        "containers": [
            {"name": "torchserve", "image": "serving:1", "resources": {"requests": {"cpu": "250m"}}},
            {"name": "sidecar", "image": "side:1"},
        ]
    },
    "status": {
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-24T12:52:00Z"}],
        "containerStatuses": [
            {"name": "torchserve", "imageID": "serving@sha256:12", "state": {"running": {}}},
            {"name": "sidecar", "imageID": "", "state": {"waiting": {"reason": "ImagePullBackOff"}}},
        ],
    },
}


def test_a_pod_is_read_with_its_containers() -> None:
    assert pods({"items": [POD]}) == (
        Pod(
            namespace="emotion-demo",
            name="torchserve-1",
            component="torchserve",
            ending=False,
            ready_since=datetime(2026, 11, 24, 12, 52, tzinfo=UTC),
            containers=(
                Container("torchserve", "serving:1", "serving@sha256:12", {"cpu": "250m"}, ""),
                Container("sidecar", "side:1", "", {}, "ImagePullBackOff"),
            ),
            created=datetime(2026, 11, 24, 12, 51, 54, tzinfo=UTC),
        ),
    )


def test_a_pods_start_is_from_its_creation_to_ready_unless_it_restarted() -> None:
    (made,) = pods({"items": [POD]})
    assert made.start_seconds == 6
    assert replace(made, restarts=1).start_seconds is None
    assert replace(made, ready_since=None).start_seconds is None


def test_a_pod_that_ends_or_has_no_status_is_not_ready() -> None:
    ending = POD | {
        "metadata": {
            **cast("dict[str, object]", POD["metadata"]),
            "deletionTimestamp": "2026-11-24T12:53:00Z",
        }
    }
    unready = POD | {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
    found = pods({"items": [ending, unready, POD | {"status": {}}, POD]})
    assert [pod.ready for pod in found] == [False, False, False, True]


def test_a_deployment_is_read() -> None:
    raw = {
        "metadata": {"namespace": "emotion-demo", "name": "torchserve", "generation": 2},
        "spec": {"replicas": 2},
        "status": {"readyReplicas": 1, "updatedReplicas": 2, "observedGeneration": 2},
    }
    assert deployments({"items": [raw]}) == (Deployment("emotion-demo", "torchserve", 2, 1, 2, True),)
    late = raw | {"status": {"observedGeneration": 1}}
    assert deployments({"items": [late]}) == (Deployment("emotion-demo", "torchserve", 2, 0, 0, False),)


def test_an_autoscaler_is_read_as_this_project_declares_it() -> None:
    declared = autoscaler("torchserve", Autoscaling(), Placement("demo"))
    cpu = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 169}}}
    active = {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", "message": "ok"}
    status = {
        "currentReplicas": 1,
        "desiredReplicas": 2,
        "currentMetrics": [cpu],
        "conditions": [active],
    }
    assert autoscalers({"items": [declared | {"status": status}]}) == (
        Autoscaler(
            namespace="emotion-demo",
            name="torchserve",
            deployment="torchserve",
            minimum=1,
            maximum=2,
            target=50,
            seen=169,
            current=1,
            desired=2,
            scale_up=Pace(0, (Policy("Pods", 4, 15),)),
            scale_down=Pace(300, (Policy("Pods", 20, 15),)),
            conditions={"ScalingActive": Condition("True", "ValidMetricFound", "ok")},
        ),
    )


def test_an_autoscaler_of_keda_is_read_with_its_load_for_each_pod() -> None:
    metric = {"name": "s0-prometheus", "selector": {}}
    item = {
        "metadata": {"namespace": "emotion-demo", "name": "keda-hpa-torchserve"},
        "spec": {"metrics": [{"external": {"metric": metric, "target": {"averageValue": "500m"}}}]},
        "status": {
            "currentMetrics": [{"external": {"metric": metric, "current": {"averageValue": "1316m"}}}]
        },
    }
    (found,) = autoscalers({"items": [item]})
    assert (found.external, found.target, found.seen) == ("s0-prometheus", 0.5, 1.316)
    assert found.shown(found.seen) == "1.32"


def test_a_scaled_object_is_read_with_its_conditions() -> None:
    (declared,) = keda.objects(SERVERS["torchserve"], BY_KEDA, Placement("demo"))
    status = {
        "conditions": [{"type": "Ready", "status": "True", "reason": "ScaledObjectReady", "message": ""}]
    }
    assert scaled_objects({"items": [{**declared, "status": status}]}) == (
        Scaled(
            "emotion-demo", "torchserve", "torchserve", {"Ready": Condition("True", "ScaledObjectReady", "")}
        ),
    )


def test_an_autoscaler_without_metrics_has_none() -> None:
    declared = autoscaler("torchserve", Autoscaling(), Placement("demo"))
    (found,) = autoscalers({"items": [declared | {"status": {"currentMetrics": [{"type": ""}]}}]})
    assert found.seen is None
    assert found.conditions == {}


def test_what_is_not_there_has_no_conditions() -> None:
    assert conditions({"metadata": {}}) == {}
