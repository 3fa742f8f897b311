"""The stack files of the variants: each states its difference and nothing else."""

from dataclasses import replace

import pytest

from stack import files, namespaces, settings
from stack.files import ROOT, stack_settings
from stack.quantities import millicores
from stack.schema import as_keys
from stack.servers import torchserve
from stack.settings import Settings, Variant, contradictions
from stack.settings.scaling import HPA

NODE_ROOM = 1200  # millicores that the platform leaves free on a node of two cores, rounded down
DIFFERENCES: dict[str, dict[str, object]] = {
    "tf-default": {},
    "tf-threads": {"tensorflow": {"intraOpThreads": 1, "interOpThreads": 2}},
    "tf-batch-10ms": {
        "tensorflow": {"restThreads": 21, "batching": {"maxBatchSize": 10, "timeoutMicros": 10_000}}
    },
    "tf-batch-100ms": {
        "tensorflow": {"restThreads": 21, "batching": {"maxBatchSize": 10, "timeoutMicros": 100_000}}
    },
    "torch-10-workers": {
        "torchserve": {"minWorkers": 10, "maxWorkers": 10},
        "resources": {"memoryRequest": "2Gi", "memoryLimit": "6Gi"},
    },
    "torch-1-10-workers": {"torchserve": {"maxWorkers": 10}},
    "torch-batch": {"torchserve": {"batchSize": 10, "maxBatchDelayMillis": 100}},
    "torch-replicas": {"replicas": 2, "service": {"type": "LoadBalancer"}},
    "torch-hpa": {"autoscaling": {}, "resources": {"cpuRequest": "500m", "cpuLimit": "1"}},
    "tf-batch-tuned": {
        "tensorflow": {"intraOpThreads": 1, "interOpThreads": 2, "restThreads": 65, "batching": {}}
    },
    "torch-tuned": {"torchserve": {"minWorkers": 2, "maxWorkers": 2, "ompWaitPolicy": "passive"}},
    "tf-hpa": {
        "autoscaling": {"behavior": {"scaleDown": {"stabilizationSeconds": 60}}},
        "resources": {"cpuRequest": "500m", "cpuLimit": "1"},
    },
}


def read(stack: str) -> Settings:
    return settings.read(stack_settings(files.path(stack)))


def test_these_are_all_variants() -> None:
    assert {each.stack for each in files.variant_files(ROOT)} == set(DIFFERENCES)


@pytest.mark.parametrize("stack", DIFFERENCES)
def test_a_variant_needs_no_more_than_every_platform_has(stack: str) -> None:
    """They all come up after `make up`, also where an experiment takes every variant."""
    wanted = read(stack)
    assert wanted.service.gateway is None
    assert wanted.autoscaling is None or wanted.autoscaling.scaler == HPA


@pytest.mark.parametrize("stack", DIFFERENCES)
def test_a_variant_states_only_its_difference(stack: str) -> None:
    wanted = read(stack)
    server = "tensorflow" if stack.startswith("tf-") else "torchserve"
    assert wanted.servers == (server,)
    assert as_keys(replace(wanted, servers=Settings().servers, variant=Variant())) == DIFFERENCES[stack]


@pytest.mark.parametrize("stack", DIFFERENCES)
def test_a_variant_names_a_namespace_and_fits_a_small_node_with_a_pod_more(stack: str) -> None:
    wanted = read(stack)
    request = millicores(wanted.resources.cpu_request)
    replicas = wanted.autoscaling.min_replicas if wanted.autoscaling else wanted.replicas
    assert (replicas + 1) * request <= NODE_ROOM
    assert namespaces.problems_of_stack_name(stack) == []


def test_the_variants_of_the_thesis_are_numbered_as_there() -> None:
    numbered = {each.variant.thesis: each.variant for each in files.variant_files(ROOT)}
    assert set(numbered) == {None, *range(1, 10)}
    assert all(each.variant.really for each in files.variant_files(ROOT))
    assert all(variant.saw for number, variant in numbered.items() if number)


def test_idle_threads_sleep_only_where_a_variant_says_so() -> None:
    assert torchserve.environment(read("torch-tuned").torchserve)["OMP_WAIT_POLICY"] == "PASSIVE"
    assert "OMP_WAIT_POLICY" not in torchserve.environment(read("torch-10-workers").torchserve)


def test_only_the_variant_that_shows_it_has_more_threads_than_its_cpu_limit() -> None:
    warned = {stack for stack in DIFFERENCES if contradictions.warnings(read(stack))}
    assert warned == {"torch-10-workers"}
