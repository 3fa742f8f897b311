"""Every alert on the live platform: its fault is provoked, it fires, and everything is put back.

All faults are there at once, and all alerts are waited for together. `pytest -rP` shows how many seconds lay
between fault and alert; each must hold for a minute, restarts and burn rates aside.
"""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra.monitoring.alerts import alerts
from stack import settings
from stack.outputs import StackOutputs
from stack.quantities import millicores
from stack.queries import of_stack, resources
from stack.queries.query import ERRORS, FAULTS
from stack.settings import Autoscaling, Batching, Resources, Settings, TensorFlow
from tests.cluster import alarm, faults, platform_faults, prometheus, variants
from tests.cluster.conftest import eventually
from tests.cluster.prometheus import alert
from tests.cluster.together import together

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
TIMES = 4  # as much as one pod's limit allows, so that two cannot hold it either
SMALL = Resources("100m", "500m", "256Mi", "1Gi")

# A queue of one batch before one thread, on little CPU: most of the load finds it full.
OVERLOADED_TENSORFLOW = Settings(
    servers=("tensorflow",),
    autoscaling=Autoscaling(),
    tensorflow=TensorFlow(
        rest_threads=64, batching=Batching(max_batch_size=8, threads=1, max_enqueued_batches=1)
    ),
    resources=Resources("100m", "300m", "256Mi", "1Gi"),
)
# One pod, so that the clients' 128 connections are more than its queue of 100.
TORCHSERVE = Settings(servers=("torchserve",), resources=SMALL)
HARMED = replace(TORCHSERVE, replicas=2)
BY_LOAD = {
    "tensorflow": (
        "TensorFlowServingErrors",
        "TensorFlowServingSlow",
        "TensorFlowServingBatchQueueFilling",
        "ErrorBudgetBurn1h",
        "AutoscalerAtMax",
        "CpuThrottled",
    ),
    "torchserve": ("TorchServeErrors", "TorchServeSlow", "TorchServeQueueFilling"),
}
OF_TRITON = ("TritonErrors", "TritonSlow", "TritonQueueFilling")  # fire in tests/cluster/test_triton.py
IN_A_POD = ("MemoryNearLimit", "ServingTargetDown")
BY_A_KILL = "PodRestarting"
OF_THE_PLATFORM = ("PrometheusStorageFilling", "MonitoringTargetDown")


@dataclass(frozen=True)
class Victims:
    """Small stacks: two that get too much load, and one both of whose pods are harmed."""

    tensorflow: StackOutputs
    torchserve: StackOutputs
    harmed: StackOutputs


@pytest.fixture(scope="module")
def victims(outputs: StackOutputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    """They come up while the platform's Prometheus gets a small volume, and knew nothing of them before."""
    folder = tmp_path_factory.mktemp("settings")
    small = (
        variants.borrowed("later-tensorflow", OVERLOADED_TENSORFLOW, folder),
        variants.borrowed("later-torchserve", TORCHSERVE, folder),
        variants.borrowed("later-harmed", HARMED, folder),
    )
    with together(platform_faults.small_volume(outputs, folder), *small) as (_, *stacks):
        yield Victims(*stacks)


def limit(outputs: StackOutputs) -> float:
    """Cores that a pod of the stack may use."""
    return millicores(settings.read(outputs.settings).resources.cpu_limit) / 1000


def memory_to_fill(outputs: StackOutputs, pod: str) -> int:
    """Bytes until 95 % of a pod's limit are in use."""
    scope = of_stack(outputs.namespace, 10)
    used = prometheus.values(outputs, resources.memory_used(scope))
    (limit,) = prometheus.values(outputs, resources.memory_allowed(scope)).values()
    return round(0.95 * limit - used[json.dumps({"pod": pod})])


def memory_is_steady(outputs: StackOutputs) -> bool:
    """The last scrapes saw about the same: a server that still loads its model would be killed for it."""
    query = resources.memory_used(of_stack(outputs.namespace, 10))

    def over_time(function: str) -> float:
        looked = replace(query, promql=f"{function}_over_time(({query.promql})[30s:10s])")
        return sum(prometheus.values(outputs, looked).values())

    return over_time("count") >= 3 and over_time("min") > 0.98 * over_time("max")


def test_every_alert_has_a_fault() -> None:
    shown = (*BY_LOAD["tensorflow"], *BY_LOAD["torchserve"], *IN_A_POD, BY_A_KILL, *OF_THE_PLATFORM)
    assert sorted((*shown, *OF_TRITON)) == sorted(each.name for each in alerts(Settings()))


def test_every_alert_fires_of_its_fault_and_load_fills_the_dashboards(
    outputs: StackOutputs, victims: Victims, photo: str, tmp_path: Path
) -> None:
    loaded = (victims.tensorflow, victims.torchserve)
    frozen, killed = faults.pods(victims.harmed, "torchserve")
    harmed = dict.fromkeys(IN_A_POD, frozen) | {BY_A_KILL: killed}
    wanted = [
        alert(name, namespace=each.namespace) for each in loaded for name in BY_LOAD[each.endpoints[0].server]
    ]
    wanted += [alert(name, namespace=victims.harmed.namespace, pod=pod) for name, pod in harmed.items()]
    wanted += map(alert, OF_THE_PLATFORM)
    eventually(lambda: alarm.calm(outputs))
    eventually(lambda: memory_is_steady(victims.harmed))
    face = b64decode(photo)
    rates = {each.endpoints[0]: faults.rate(each, face, TIMES * limit(each)) for each in loaded}
    print({each.server: rate for each, rate in rates.items()})
    alarm.quiet(outputs, *wanted)
    with ExitStack() as harm:
        began = time.monotonic()
        outcomes = [harm.enter_context(faults.load(each, rate, face)) for each, rate in rates.items()]
        size = memory_to_fill(victims.harmed, frozen)
        harm.enter_context(faults.memory_filled(victims.harmed, frozen, size))
        faults.signal_java(victims.harmed, frozen, "STOP")
        faults.signal_java(victims.harmed, killed, "KILL")
        harm.enter_context(platform_faults.exploding_labels(outputs, tmp_path))
        harm.enter_context(platform_faults.dead_node(outputs, tmp_path))
        alarm.until_firing(outputs, wanted, began)
        alarm.complete(victims.torchserve, FAULTS)
        alarm.complete(victims.tensorflow, ERRORS)
    for each, answers in zip(loaded, outcomes, strict=True):
        print(each.endpoints[0].server, dict(answers))
        assert answers["200"]
        assert answers["503"]
