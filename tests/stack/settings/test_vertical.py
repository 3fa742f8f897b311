"""Scaler vpa: what contradicts it, and what is probably not meant."""

import pytest

from stack.schema import SettingsError
from stack.settings import contradictions, read

VPA: dict[str, object] = {"scaler": "vpa"}
OF_PODS = "expected nothing with scaler vpa, which leaves the number of pods to replicas"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"autoscaling": {**VPA, "minReplicas": 2}}, f"autoscaling.minReplicas: {OF_PODS}"),
        ({"autoscaling": {**VPA, "maxReplicas": 3}}, f"autoscaling.maxReplicas: {OF_PODS}"),
        ({"autoscaling": {**VPA, "target": 3}}, f"autoscaling.target: {OF_PODS}"),
        (
            {"autoscaling": {**VPA, "targetCpuUtilization": 70}},
            f"autoscaling.targetCpuUtilization: {OF_PODS}",
        ),
        (
            {"autoscaling": {**VPA, "behavior": {"scaleUp": {"pods": 1}}}},
            f"autoscaling.behavior: {OF_PODS}",
        ),
        (
            {"autoscaling": {**VPA, "keda": {"pollingSeconds": 5}}},
            "autoscaling.keda: expected nothing without scaler keda, got a group of settings; remove it",
        ),
        (
            {"autoscaling": {**VPA, "metric": "requestRate"}},
            "autoscaling.scaler: expected keda with metric requestRate, got vpa; set it to keda",
        ),
        (
            {"autoscaling": {"vpa": {"maxCpuRequest": "2"}}},
            "autoscaling.vpa: expected nothing without scaler vpa, got a group of settings; remove it",
        ),
        (
            {"autoscaling": {**VPA, "vpa": {"minCpuRequest": "2"}}},
            'autoscaling.vpa.minCpuRequest: expected ≤ autoscaling.vpa.maxCpuRequest (1), got "2"; lower it',
        ),
        (
            {"autoscaling": {**VPA, "vpa": {"minCpuRequest": "300m"}}},
            "resources.cpuRequest: expected 300m to 1 (autoscaling.vpa.minCpuRequest, maxCpuRequest), "
            'got "250m"; a pod starts with it; change it or the bounds',
        ),
    ],
)
def test_a_contradiction_is_refused_by_name(raw: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(raw)
    assert len(error.value.problems) == 1
    assert error.value.problems[0].startswith(says)


def test_replicas_stay_the_stacks() -> None:
    wanted = read({"replicas": 3, "autoscaling": VPA})
    assert wanted.replicas == 3
    assert wanted.horizontal is None


def test_a_limit_that_leaves_no_room_above_the_request_is_warned_of() -> None:
    equal = read({"autoscaling": VPA, "resources": {"cpuRequest": "500m", "cpuLimit": "500m"}})
    told = "resources.cpuLimit: expected > cpuRequest (500m) with scaler vpa"
    assert [each for each in contradictions.warnings(equal) if each.startswith(told)]
    assert not contradictions.warnings(read({"autoscaling": VPA}))
