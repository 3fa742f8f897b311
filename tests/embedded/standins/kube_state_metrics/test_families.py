"""Metrics as upstream's documentation names them, from the API server's objects."""

import pytest

from embedded.standins.kube_state_metrics import families
from embedded.standins.kube_state_metrics.exposition import Family, text

AUTOSCALER = {
    "metadata": {"namespace": "emotion-x", "name": "torchserve"},
    "spec": {
        "minReplicas": 1,
        "maxReplicas": 2,
        "metrics": [
            {"resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
        ],
    },
    "status": {
        "currentReplicas": 1,
        "desiredReplicas": 2,
        "currentMetrics": [
            {"resource": {"name": "cpu", "current": {"averageUtilization": 169, "averageValue": "845m"}}}
        ],
        "conditions": [{"type": "ScalingActive", "status": "True"}],
    },
}
UPSTREAM = {
    *(f"kube_deployment_{end}" for end in ("spec_replicas", "status_replicas")),
    *(f"kube_deployment_status_replicas_{end}" for end in ("ready", "available")),
    *(
        f"kube_horizontalpodautoscaler_spec_{end}"
        for end in ("min_replicas", "max_replicas", "target_metric")
    ),
    *(f"kube_horizontalpodautoscaler_status_{end}_replicas" for end in ("current", "desired")),
    *(f"kube_horizontalpodautoscaler_status_{end}" for end in ("target_metric", "condition")),
    *(f"kube_pod_container_resource_{end}" for end in ("requests", "limits")),
    *(f"kube_pod_status_{end}" for end in ("ready", "phase")),
    "kube_pod_container_status_restarts_total",
}
POD = {
    "metadata": {"namespace": "emotion-x", "name": "p", "uid": "u"},
    "spec": {
        "nodeName": "n",
        "containers": [
            {
                "name": "c",
                "resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "2Gi", "cpu": "1"}},
            },
            {"name": "free"},
        ],
    },
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [{"name": "c", "restartCount": 3}],
    },
}


def values(found: tuple[Family, ...]) -> dict[str, float]:
    """Every sample by its line of the page."""
    lines = [line for line in text(found).splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_an_autoscaler_shows_bounds_wishes_and_metric() -> None:
    seen = values(families.autoscalers([AUTOSCALER]))
    where = 'namespace="emotion-x",horizontalpodautoscaler="torchserve"'
    name = "kube_horizontalpodautoscaler"
    assert seen[f"{name}_spec_min_replicas{{{where}}}"] == 1
    assert seen[f"{name}_spec_max_replicas{{{where}}}"] == 2
    assert seen[f"{name}_status_current_replicas{{{where}}}"] == 1
    assert seen[f"{name}_status_desired_replicas{{{where}}}"] == 2
    metric = f'{where},metric_name="cpu",metric_target_type'
    assert seen[f'{name}_spec_target_metric{{{metric}="utilization"}}'] == 50
    assert seen[f'{name}_status_target_metric{{{metric}="utilization"}}'] == 169
    assert seen[f'{name}_status_target_metric{{{metric}="average"}}'] == 0.845
    assert seen[f'{name}_status_condition{{{where},condition="ScalingActive",status="true"}}'] == 1
    assert seen[f'{name}_status_condition{{{where},condition="ScalingActive",status="false"}}'] == 0


def test_an_autoscaler_without_a_metric_yet_shows_none() -> None:
    young = {**AUTOSCALER, "status": {}}
    names = {family.name: family.samples for family in families.autoscalers([young])}
    assert names["kube_horizontalpodautoscaler_status_target_metric"] == ()


def test_a_pod_shows_restarts_readiness_phase_and_resources() -> None:
    seen = values(families.pods([POD]))
    who = 'namespace="emotion-x",pod="p",uid="u"'
    assert seen[f'kube_pod_container_status_restarts_total{{{who},container="c"}}'] == 3
    assert seen[f'kube_pod_status_ready{{{who},condition="false"}}'] == 1
    assert seen[f'kube_pod_status_ready{{{who},condition="true"}}'] == 0
    assert seen[f'kube_pod_status_phase{{{who},phase="Running"}}'] == 1
    container = f'{who},container="c",node="n"'
    assert seen[f'kube_pod_container_resource_requests{{{container},resource="cpu",unit="core"}}'] == 0.5
    assert seen[f'kube_pod_container_resource_limits{{{container},resource="memory",unit="byte"}}'] == 2**31


def test_a_deployment_without_ready_pods_shows_zero() -> None:
    deployment = {
        "metadata": {"namespace": "emotion-x", "name": "d"},
        "spec": {"replicas": 2},
        "status": {"replicas": 2},
    }
    seen = values(families.deployments([deployment]))
    assert seen['kube_deployment_spec_replicas{namespace="emotion-x",deployment="d"}'] == 2
    assert seen['kube_deployment_status_replicas_ready{namespace="emotion-x",deployment="d"}'] == 0


def test_an_autoscaler_may_use_other_metrics_than_resources_of_pods() -> None:
    wanted = {"pods": {"metric": {"name": "rate"}, "target": {"averageValue": "1500m"}}}
    seen = values(families.autoscalers([{**AUTOSCALER, "spec": {"maxReplicas": 2, "metrics": [wanted]}}]))
    labels = 'metric_name="rate",metric_target_type="average"'
    where = f'namespace="emotion-x",horizontalpodautoscaler="torchserve",{labels}'
    assert seen[f"kube_horizontalpodautoscaler_spec_target_metric{{{where}}}"] == 1.5


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("ephemeral-storage", 'resource="ephemeral_storage",unit="byte"'),
        ("nvidia.com/gpu", 'resource="nvidia_com_gpu",unit="integer"'),
    ],
)
def test_a_resource_has_upstreams_label_and_unit(name: str, labels: str) -> None:
    container = {"name": "c", "resources": {"limits": {name: "1"}}}
    seen = values(families.pods([{**POD, "spec": {"containers": [container]}}]))
    who = f'namespace="emotion-x",pod="p",uid="u",container="c",node="",{labels}'
    assert seen[f"kube_pod_container_resource_limits{{{who}}}"] == 1


def test_a_pod_without_a_phase_shows_none() -> None:
    names = {family.name: family.samples for family in families.pods([{**POD, "status": {}}])}
    assert names["kube_pod_status_phase"] == names["kube_pod_status_ready"] == ()


def test_names_and_types_are_upstreams_and_every_family_is_explained() -> None:
    shown = [family for _, read in families.KINDS.values() for family in read([])]
    assert {family.name for family in shown} == UPSTREAM
    counters = [family.name for family in shown if family.type == "counter"]
    assert counters == ["kube_pod_container_status_restarts_total"]
    assert all(family.help.endswith(".") for family in shown)


def test_label_values_are_escaped() -> None:
    family = Family("m", "help", "gauge", (({"a": 'x"\\\n'}, 1.0),))
    assert text([family]) == '# HELP m help\n# TYPE m gauge\nm{a="x\\"\\\\\\n"} 1\n'
