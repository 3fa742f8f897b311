"""Contradictions: values that are fine alone and not together."""

from dataclasses import replace

import pytest

from stack import settings
from stack.schema import SettingsError
from stack.settings import (
    Batching,
    Platform,
    PrometheusSettings,
    Resources,
    Settings,
    TensorFlow,
    TorchServe,
    contradictions,
)

REGISTRY = "registry.example.com/team"
SECRET = '{"auths": {"registry.example.com": {"auth": "eDp5"}}}'
GATEWAY = {"className": "gke-l7-rilb", "host": "emotions.example.com", "requireKey": False}
IN_FLIGHT = {"scaler": "keda", "metric": "requestsInFlight", "target": 2}
NO_PROMETHEUS = {"prometheus": {"enabled": False}}


def problems(raw: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings.read(raw)
    return caught.value.problems


CONTRADICTIONS: list[tuple[dict[str, object], str, str]] = [
    (
        {"replicas": 2, "autoscaling": {}},
        "replicas: expected nothing beside autoscaling, which owns the number of pods, got 2",
        "remove it and set autoscaling.minReplicas, or remove autoscaling",
    ),
    (
        {"replicas": 1, "autoscaling": {}},
        "replicas: expected nothing beside autoscaling, which owns the number of pods, got 1",
        "remove it and set autoscaling.minReplicas, or remove autoscaling",
    ),
    (
        {"autoscaling": {"minReplicas": 3}},
        "autoscaling.minReplicas: expected ≤ autoscaling.maxReplicas (2), got 3",
        "raise maxReplicas or lower minReplicas",
    ),
    (
        {"autoscaling": {}, "resources": {"cpuRequest": "1", "cpuLimit": "500m"}},
        'resources.cpuRequest: expected ≤ resources.cpuLimit (500m), got "1"',
        "lower the request or raise the limit",
    ),
    (
        {"autoscaling": {"targetCpuUtilization": 100}, "resources": {"cpuRequest": "1", "cpuLimit": "1"}},
        "autoscaling.targetCpuUtilization: expected < 91 (resources.cpuLimit in % of cpuRequest",
        "no pod could ever use more; lower it or raise resources.cpuLimit",
    ),
    (
        {"autoscaling": {"metric": "requestRate", "target": 40}},
        "autoscaling.scaler: expected keda with metric requestRate, got hpa",
        "set it to keda, which feeds the metric to an HPA, or choose the metric cpu",
    ),
    (
        {"autoscaling": {"scaler": "keda"}},
        "autoscaling.metric: expected requestsInFlight, queueLength or requestRate with scaler keda, got cpu",
        "an HPA does the same without KEDA: set scaler to hpa, or choose one of them and its target",
    ),
    (
        {"autoscaling": {"scaler": "keda", "metric": "requestRate"}},
        "autoscaling.target: expected a number with metric requestRate: its value for each pod, got nothing",
        "type: pulumi config set --path autoscaling.target NUMBER",
    ),
    (
        {"autoscaling": {"target": 2}},
        "autoscaling.target: expected nothing with metric cpu, got 2",
        "remove it and set autoscaling.targetCpuUtilization, or choose another metric",
    ),
    (
        {"autoscaling": {**IN_FLIGHT, "targetCpuUtilization": 50}},
        "autoscaling.targetCpuUtilization: expected nothing with metric requestsInFlight, got 50",
        "remove it; autoscaling.target is what is aimed at",
    ),
    (
        {"autoscaling": {"keda": {"pollingSeconds": 5}}},
        "autoscaling.keda: expected nothing without scaler keda",
        "remove it, or set autoscaling.scaler to keda",
    ),
    (
        {"autoscaling": {**IN_FLIGHT, "keda": {"fallbackReplicas": 3}}},
        "autoscaling.keda.fallbackReplicas: expected ≤ autoscaling.maxReplicas (2), got 3",
        "lower it or raise maxReplicas",
    ),
    (
        {"autoscaling": {**IN_FLIGHT, "keda": {"windowSeconds": 29}}},
        "autoscaling.keda.windowSeconds: expected ≥ 30, three scrapes (platform.prometheus.scrapeSeconds)",
        "raise it, or lower that of the platform and say so here",
    ),
    (
        {"autoscaling": IN_FLIGHT, "platform": {"prometheus": {"enabled": False}}},
        "platform.prometheus.url: expected the URL of a Prometheus, which scaler keda asks, got nothing",
        "set it, or leave platform.prometheus.enabled true to use the platform's",
    ),
    (
        {"autoscaling": {**IN_FLIGHT, "metric": "queueLength"}},
        "autoscaling.metric: expected what tensorflow tells (requestsInFlight, requestRate), got queueLength",
        "choose one of them or set tensorflow.batching, or leave tensorflow out of servers",
    ),
    (
        {"replicas": 2, "autoscaling": IN_FLIGHT},
        "replicas: expected nothing beside autoscaling, which owns the number of pods, got 2",
        "remove it and set autoscaling.minReplicas, or remove autoscaling",
    ),
    (
        {"resources": {"cpuRequest": "3"}},
        'resources.cpuRequest: expected ≤ resources.cpuLimit (2), got "3"',
        "lower the request or raise the limit",
    ),
    (
        {"resources": {"cpuLimit": "100m"}},
        'resources.cpuRequest: expected ≤ resources.cpuLimit (100m), got "250m"',
        "lower the request or raise the limit",
    ),
    (
        {"resources": {"memoryRequest": "4Gi"}},
        'resources.memoryRequest: expected ≤ resources.memoryLimit (2Gi), got "4Gi"',
        "lower the request or raise the limit",
    ),
    (
        {"tensorflow": {"restThreads": 8, "batching": {}}},
        "tensorflow.restThreads: expected 0 or > tensorflow.batching.maxBatchSize (32), got 8",
        "each waiting request holds a thread, set it to 65",
    ),
    (
        {"torchserve": {"minWorkers": 4}},
        "torchserve.minWorkers: expected ≤ torchserve.maxWorkers (1), got 4",
        "raise maxWorkers or lower minWorkers",
    ),
    (
        {"torchserve": {"maxBatchDelayMillis": 100}},
        "torchserve.maxBatchDelayMillis: expected nothing while torchserve.batchSize is 1",
        "remove it or set torchserve.batchSize",
    ),
    (
        {"servers": ["tensorflow"], "service": {"publishMetrics": True}},
        "service.publishMetrics: expected false without torchserve or triton",
        "remove it or add torchserve or triton to servers",
    ),
    (
        {"triton": {"maxBatchSize": 1, "queueDelayMicros": 0}},
        "triton.queueDelayMicros: expected nothing while triton.maxBatchSize is 1",
        "remove it or set triton.maxBatchSize",
    ),
    (
        {"service": {"type": "LoadBalancer", "gateway": GATEWAY}},
        "service.type: expected ClusterIP behind service.gateway, got LoadBalancer",
        "remove it; service.gateway is the only way in",
    ),
    (
        {"service": {"publishMetrics": True, "gateway": {}}},
        "service.publishMetrics: expected false behind service.gateway, got true",
        "remove it; behind service.gateway nothing but predictions is published",
    ),
    (
        {"service": {"gateway": {**GATEWAY, "requireKey": True}}},
        "service.gateway.requireKey: expected false with the GatewayClass gke-l7-rilb: Gateway API has no",
        "set it to false, and let gke-l7-rilb ask who it is in its own way",
    ),
    (
        {"service": {"gateway": {**GATEWAY, "requestsInFlight": 8}}},
        "service.gateway.requestsInFlight: expected nothing with the GatewayClass gke-l7-rilb",
        "remove it",
    ),
    (
        {"service": {"gateway": {"className": "gke-l7-rilb", "requireKey": False}}},
        "service.gateway.host: expected a host name with the GatewayClass gke-l7-rilb, got nothing",
        "set the name under which clients reach it",
    ),
    (
        {"service": {"gateway": {"timeoutSeconds": 9}}},
        "service.gateway.timeoutSeconds: expected nothing with Traefik, got 9",
        "Traefik has one for all stacks: set platform.gateway.timeoutSeconds in that of the platform",
    ),
    (
        {"service": {"gateway": {"requireKey": False, "key": "0123456789abcdef"}}},
        "service.gateway.key: expected nothing while requireKey is false, got a secret",
        "remove it, or requireKey",
    ),
    (
        {"imagePullSecret": SECRET},
        "imagePullSecret: expected nothing without registry",
        "set registry or remove it",
    ),
    (
        {"slo": {"p99Millis": 40}},
        "slo.p99Millis: expected ≥ slo.p95Millis (50), got 40",
        "the slowest 1 % are among the slowest 5 %; raise p99Millis or lower p95Millis",
    ),
    (
        {"slo": {"p95Millis": 200}},
        "slo.p99Millis: expected ≥ slo.p95Millis (200), got 100",
        "the slowest 1 % are among the slowest 5 %; raise p99Millis or lower p95Millis",
    ),
    (
        {"platform": {"enabled": True, **NO_PROMETHEUS}},
        "platform.prometheus.url: expected the URL of a Prometheus",
        "set it, or set platform.grafana.enabled to false",
    ),
    (
        {"platform": {"prometheus": {"url": "http://prometheus.monitoring:9090"}}},
        "platform.prometheus.url: expected nothing while platform.prometheus.enabled",
        "remove it, or set platform.prometheus.enabled to false",
    ),
    (
        {"platform": {"prometheus": {"retention": "52w"}}},
        "platform.prometheus.retention: expected ≤ 1193h, for which platform.prometheus.storage (2Gi) lasts",
        "lower it or raise platform.prometheus.storage",
    ),
    (
        {"platform": {"prometheus": {"storage": "1Mi"}}},
        "platform.prometheus.retention: expected ≤ 1h, for which platform.prometheus.storage (1Mi) lasts",
        "lower it or raise platform.prometheus.storage",
    ),
]


@pytest.mark.parametrize(("raw", "says", "fix"), CONTRADICTIONS, ids=[says for _, says, _ in CONTRADICTIONS])
def test_a_contradiction_is_refused_by_name(raw: dict[str, object], says: str, fix: str) -> None:
    (problem,) = [each for each in problems(raw) if each.startswith(says)]
    assert problem.endswith(f"; {fix}")


@pytest.mark.parametrize(
    "raw",
    [
        {"service": {"type": "ClusterIP", "gateway": {**GATEWAY, "timeoutSeconds": 9}}},
        {"service": {"gateway": {}}},
        {"service": {"type": "LoadBalancer", "publishMetrics": True}},
        {"autoscaling": {"minReplicas": 2, "maxReplicas": 2}},
        {"autoscaling": IN_FLIGHT},
        {"autoscaling": {**IN_FLIGHT, "metric": "queueLength"}, "tensorflow": {"batching": {}}},
        {"autoscaling": {**IN_FLIGHT, "metric": "queueLength"}, "servers": ["torchserve", "triton"]},
        {"autoscaling": {**IN_FLIGHT, "keda": {"fallbackReplicas": 2, "windowSeconds": 30}}},
        {"registry": REGISTRY, "imagePullSecret": SECRET},
        {"slo": {"p95Millis": 80, "p99Millis": 80}},
        {"tensorflow": {"restThreads": 21, "batching": {"maxBatchSize": 10}}},
        {"platform": {"prometheus": {"enabled": False}, "grafana": {"enabled": False}}},
        {"platform": {"prometheus": {"enabled": False, "url": "http://prometheus.monitoring:9090"}}},
    ],
    ids=str,
)
def test_what_goes_together_is_accepted(raw: dict[str, object]) -> None:
    assert settings.read(raw) != Settings()


def test_contradictions_come_with_all_other_problems() -> None:
    found = problems(
        {
            "replicas": 0,
            "replcas": 2,
            "autoscaling": {"minReplicas": 5},
            "torchserve": {"minWorkers": 4},
            "resources": {"memoryLimit": "512"},
        }
    )
    assert [problem.split(":")[0] for problem in found] == [
        "replcas",
        "replicas",
        "resources.memoryLimit",
        "autoscaling.minReplicas",
        "torchserve.minWorkers",
    ]


def test_a_value_that_could_not_be_read_contradicts_nothing() -> None:
    (problem,) = problems({"resources": {"cpuLimit": "1 core", "cpuRequest": "4"}})
    assert problem.startswith("resources.cpuLimit: expected a CPU quantity")


WARNINGS = [
    (
        Settings(torchserve=TorchServe(min_workers=10, max_workers=10)),
        "torchserve.minWorkers: 10 workers × 1 threads are more than resources.cpuLimit (2)",
    ),
    (
        Settings(torchserve=TorchServe(2, 2), resources=Resources(memory_limit="1Gi")),
        "resources.memoryLimit: 1Gi is less than the 1200Mi or so that 2 workers need",
    ),
    (
        Settings(tensorflow=TensorFlow(batching=Batching())),
        "tensorflow.restThreads: 0 gives 4 threads a CPU, and each waiting request holds one; "
        "batches of 32 may never fill, set it to 65",
    ),
    (
        Settings(servers=("torchserve",), tensorflow=TensorFlow(intra_op_threads=1)),
        "tensorflow: has no effect while servers leaves tensorflow out",
    ),
    (
        Settings(platform=Platform(prometheus=PrometheusSettings(retention="1d"))),
        "platform: has no effect while platform.enabled is false",
    ),
]


@pytest.mark.parametrize(("doubtful", "says"), WARNINGS, ids=[says for _, says in WARNINGS])
def test_what_is_probably_not_meant_is_a_warning(doubtful: Settings, says: str) -> None:
    assert any(warning.startswith(says) for warning in contradictions.warnings(doubtful))


def test_the_defaults_and_tuned_workers_need_no_warning() -> None:
    tuned = replace(Settings(), torchserve=TorchServe(2, 2))
    assert contradictions.warnings(Settings()) == contradictions.warnings(tuned) == []
