"""Settings: what is accepted, and what every wrong value answers."""

import json

import pytest

from infra import settings
from infra.schema import SettingsError


def problems(**raw: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings.read(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in raw.items()}
        )
    return caught.value.problems


def test_no_configuration_means_the_defaults() -> None:
    assert settings.read({}) == settings.Settings()


def test_values_arrive_as_pulumi_writes_them() -> None:
    read = settings.read(
        {
            "replicas": "2",
            "servers": '["torchserve"]',
            "tensorflow": '{"batching": {"maxBatchSize": 10, "timeoutMicros": "10000"}}',
        }
    )
    assert read.replicas == 2
    assert read.servers == ("torchserve",)
    assert read.tensorflow.batching == settings.Batching(max_batch_size=10, timeout_micros=10000)


BAD = [
    ({"replicas": 0}, "replicas: expected integer 1–20, got 0; choose a value from 1 to 20"),
    ({"replicas": -1}, "replicas: expected integer 1–20"),
    ({"replicas": 1.5}, "replicas: expected integer 1–20, got 1.5; write a whole number"),
    ({"replicas": "two"}, 'replicas: expected integer 1–20, got "two"; write a whole number'),
    ({"replicas": True}, "replicas: expected integer 1–20"),
    ({"replcas": 2}, "got an unknown key; did you mean replicas?"),
    ({"servers": ["tensorflwo"]}, "servers: expected a list of tensorflow, torchserve"),
    ({"servers": []}, "servers: expected a list of tensorflow, torchserve, got []"),
    ({"servers": ["torchserve", "torchserve"]}, "name each only once"),
    ({"resources": {"cpuLimit": "1 core"}}, "resources.cpuLimit: expected a CPU quantity"),
    ({"resources": {"cpuRequest": "0"}}, "resources.cpuRequest: expected a CPU quantity"),
    ({"resources": {"memoryLimit": "512"}}, "resources.memoryLimit: expected a memory quantity with a unit"),
    ({"resources": {"cpuRequest": "3"}}, "resources.cpuRequest: expected ≤ resources.cpuLimit (2)"),
    (
        {"resources": {"memoryRequest": "4Gi"}},
        'resources.memoryRequest: expected ≤ resources.memoryLimit (2Gi), got "4Gi"; lower the request',
    ),
    (
        {"tensorflow": {"batching": {"maxBatchSize": 0}}},
        "tensorflow.batching.maxBatchSize: expected integer 1",
    ),
    (
        {"tensorflow": {"batching": {"timeoutMicros": -1}}},
        "tensorflow.batching.timeoutMicros: expected integer 0",
    ),
    ({"tensorflow": {"intraOpThreads": -1}}, "tensorflow.intraOpThreads: expected integer 0"),
    ({"tensorflow": {"batching": 5}}, "tensorflow.batching: expected a group of settings"),
    ({"tensorflow": {"restThreads": 8, "batching": {}}}, "each waiting request holds a thread, set it to 65"),
    ({"torchserve": {"minWorkers": 4}}, "torchserve.minWorkers: expected ≤ torchserve.maxWorkers (1), got 4"),
    (
        {"service": {"type": "Loadbalancer"}},
        "service.type: expected one of ClusterIP, NodePort, LoadBalancer",
    ),
    ({"registry": "UPPER CASE"}, "registry: expected a registry and path"),
    ({"platform": {"enabled": "yes"}}, "platform.enabled: expected true or false"),
    (
        {"platform": {"prometheus": {"retention": "2 hours"}}},
        "platform.prometheus.retention: expected a duration",
    ),
]


@pytest.mark.parametrize(("raw", "message"), BAD, ids=[json.dumps(raw) for raw, _ in BAD])
def test_a_bad_setting_is_refused_by_name(raw: dict[str, object], message: str) -> None:
    (problem,) = problems(**raw)
    assert message in problem


def test_all_problems_come_at_once() -> None:
    found = problems(replicas=0, servers=[], torchserve={"batchSize": 0, "workers": 2})
    assert [problem.split(":")[0] for problem in found] == [
        "servers",
        "replicas",
        "torchserve.workers",
        "torchserve.batchSize",
    ]
