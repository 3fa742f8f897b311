"""Pods that a VerticalPodAutoscaler resizes: what is read of them, what is intended, why nothing happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bench.subject import vertical_status
from bench.subject.objects import Condition, Deployment
from bench.subject.verify import verify
from bench.subject.vertical import Bounds, Sized, Vertical, moved, sized, vertical_findings, verticals
from bench.subject.vertical_status import Scene, render, state
from stack.settings import Autoscaling, Resources, Settings, Vpa
from tests.bench.scenes import SETTINGS, observation, outputs

SPACE, NAME = "emotion-tf-vpa", "tensorflow-serving"
NOW = datetime(2026, 11, 28, 19, 0, tzinfo=UTC)
LISTED = {
    "items": [
        {
            "metadata": {"namespace": SPACE, "name": NAME},
            "spec": {
                "targetRef": {"kind": "Deployment", "name": NAME},
                "updatePolicy": {"updateMode": "InPlaceOrRecreate"},
                "resourcePolicy": {
                    "containerPolicies": [{"minAllowed": {"cpu": "100m"}, "maxAllowed": {"cpu": "500m"}}]
                },
            },
            "status": {
                "conditions": [{"type": "RecommendationProvided", "status": "True"}],
                "recommendation": {
                    "containerRecommendations": [
                        {
                            "lowerBound": {"cpu": "140m"},
                            "target": {"cpu": "323m"},
                            "upperBound": {"cpu": "400m"},
                        }
                    ]
                },
            },
        }
    ]
}
POD = {
    "metadata": {
        "namespace": SPACE,
        "name": f"{NAME}-1",
        "labels": {"app.kubernetes.io/name": NAME},
        "managedFields": [
            {"manager": "kubelet", "subresource": "status", "time": "2026-11-28T18:59:59Z"},
            {"manager": "updater", "subresource": "resize", "time": "2026-11-28T18:58:00Z"},
        ],
    },
    "status": {
        "containerStatuses": [
            {"name": NAME, "resources": {"requests": {"cpu": "323m"}, "limits": {"cpu": "646m"}}}
        ],
    },
}
PENDING = {
    "type": "PodResizePending",
    "status": "True",
    "reason": "Deferred",
    "message": "Node didn't have enough resource: cpu",
}
(AUTOSCALER,) = verticals(LISTED)
(RESIZED,) = sized({"items": [POD]})


def scene(*programs: Deployment) -> Scene:
    return Scene((AUTOSCALER,), (RESIZED,), programs, Condition("True", "Passed", ""), NOW)


def at(request: str) -> Sized:
    return replace(RESIZED, request=request)


def test_an_autoscaler_is_read_with_its_recommendation() -> None:
    assert AUTOSCALER.recommended == Bounds("140m", "323m", "400m")
    assert (AUTOSCALER.least, AUTOSCALER.most, AUTOSCALER.mode) == ("100m", "500m", "InPlaceOrRecreate")


def test_a_pod_tells_what_its_container_has_and_when_that_changed() -> None:
    assert (RESIZED.request, RESIZED.limit) == ("323m", "646m")
    assert RESIZED.resized == NOW - timedelta(minutes=2)


def test_a_cluster_without_the_kind_has_none() -> None:
    assert verticals(None) == ()


@pytest.mark.parametrize(
    ("pod", "says"),
    [
        (at("323m"), "as recommended"),
        (at("150m"), "within the bounds: resized once it is older than platform.vpa.patienceMinutes"),
        (at("100m"), "outside of the bounds: resized at the updater's next look"),
        (
            sized({"items": [{**POD, "status": {**POD["status"], "conditions": [PENDING]}}]})[0],  # type: ignore[dict-item]
            "not resized yet: Deferred: Node didn't have enough resource: cpu",
        ),
    ],
)
def test_why_a_pod_has_the_cpu_that_it_has(pod: Sized, says: str) -> None:
    assert state(AUTOSCALER, pod, scene()) == says


def test_without_a_recommendation_the_cause_is_told() -> None:
    none = replace(AUTOSCALER, recommended=None, conditions={})
    assert state(none, RESIZED, scene()).startswith("nobody looks at it; deploy it: pulumi config set")
    waiting = replace(none, conditions={"RecommendationProvided": Condition("False", "", "no samples")})
    assert state(waiting, RESIZED, scene()).endswith("no samples")


def test_a_program_of_vpa_that_is_down_is_the_cause_of_all() -> None:
    down = Deployment("emotion-vpa", "vpa-updater", 1, 0, 1, current=True)
    assert state(AUTOSCALER, at("100m"), scene(down)).startswith("vpa-updater: no pod of it is ready")


def test_without_metrics_the_recommendation_is_said_to_be_old() -> None:
    gone = Condition("False", "MissingEndpoints", "no endpoints")
    told = state(AUTOSCALER, RESIZED, replace(scene(), metrics=gone))
    assert told == "usage is not seen, metrics-server is down: MissingEndpoints: no endpoints"
    assert state(AUTOSCALER, RESIZED, replace(scene(), metrics=None)).startswith(
        "usage is not seen, no metrics-server:"
    )


def test_status_shows_the_recommendation_beside_what_the_pod_has() -> None:
    line = render(scene()).splitlines()[-1].split()
    assert line[:6] == [SPACE, f"{NAME}-1", "323m", "/", "646m", "323m"]
    assert "120 s ago" in render(scene())


def test_without_vertical_autoscalers_status_says_nothing_of_them() -> None:
    assert vertical_status.render(Scene((), (), (), None, NOW)) == ""


WANTED = Settings(
    servers=("tensorflow",),
    autoscaling=Autoscaling(scaler="vpa", vpa=Vpa("100m", "500m")),
    resources=Resources("150m", "300m"),
)


def test_a_resized_pod_is_compared_with_what_it_was_given() -> None:
    resources = moved(WANTED, "323m", "646m").resources
    assert (resources.cpu_request, resources.cpu_limit) == ("323m", "646m")


@pytest.mark.parametrize(
    ("request_", "limit"),
    [("600m", "1200m"), ("90m", "180m"), ("323m", "323m"), (None, None)],
    ids=["above the bounds", "below them", "out of proportion", "none at all"],
)
def test_what_vpa_cannot_have_done_is_a_mismatch(request_: str | None, limit: str | None) -> None:
    assert moved(WANTED, request_, limit) == WANTED


def test_without_vpa_no_other_size_is_as_intended() -> None:
    fixed = replace(WANTED, autoscaling=None)
    assert moved(fixed, "323m", "646m") == fixed


def test_the_autoscaler_is_compared_with_its_settings() -> None:
    assert all(each.ok for each in vertical_findings(AUTOSCALER, WANTED))
    other: Vertical = replace(AUTOSCALER, most="1", mode="Off")
    wrong = [each.what for each in vertical_findings(other, WANTED) if not each.ok]
    assert wrong == ["autoscaling.vpa.maxCpuRequest", "update mode"]
    (missing,) = vertical_findings(None, WANTED)
    assert not missing.ok


def test_verify_names_an_autoscaler_that_nobody_intended() -> None:
    stray = replace(AUTOSCALER, deployment=NAME)
    blocks = verify(outputs(), SETTINGS, replace(observation(), verticals=(stray,)))
    (block,) = [each for each in blocks if each.subject == f"vertical autoscaler {NAME}"]
    assert not block.ok
