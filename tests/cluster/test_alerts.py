"""Every alert on the live platform: its fault is provoked, it fires, and everything is put back.

`pytest -rP` shows how many seconds lay between fault and alert; each must hold for a minute, restarts aside.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.monitoring.alerts import alerts
from stack import queries, settings
from stack.outputs import StackOutputs
from stack.queries.query import ERRORS, FAULTS
from stack.settings import Autoscaling, Batching, Resources, Settings, TensorFlow
from tests.cluster import faults, platform_faults, prometheus, variants
from tests.cluster.conftest import eventually
from tests.cluster.prometheus import Labels, alert

pytestmark = pytest.mark.cluster
LONGEST = 240  # seconds from fault to alert
RATE = 200  # requests a second, above what either of the small stacks answers

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
OVERLOADED_TORCHSERVE = Settings(servers=("torchserve",), resources=Resources("100m", "500m", "256Mi", "1Gi"))
BY_LOAD = {
    "tensorflow": (
        "TensorFlowServingErrors",
        "TensorFlowServingSlow",
        "TensorFlowServingBatchQueueFilling",
        "AutoscalerAtMax",
        "CpuThrottled",
    ),
    "torchserve": ("TorchServeErrors", "TorchServeSlow", "TorchServeQueueFilling"),
}
IN_A_POD = ("MemoryNearLimit", "ServingTargetDown", "PodRestarting")
OF_THE_PLATFORM = ("PrometheusStorageFilling", "MonitoringTargetDown")


@dataclass(frozen=True)
class Overloaded:
    """The two small stacks."""

    tensorflow: StackOutputs
    torchserve: StackOutputs


@pytest.fixture(scope="module")
def overloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overloaded]:
    folder = tmp_path_factory.mktemp("settings")
    with (
        variants.borrowed("tf-batch-100ms", OVERLOADED_TENSORFLOW, folder) as tensorflow,
        variants.borrowed("torch-1-10-workers", OVERLOADED_TORCHSERVE, folder) as torchserve,
    ):
        yield Overloaded(tensorflow, torchserve)


def quiet(outputs: StackOutputs, *wanted: Labels) -> None:
    """Wait until none of these alerts is pending or firing: a server that starts is throttled for a while."""

    def absent() -> bool:
        active = [labels for labels in prometheus.states(outputs) if any(each <= labels for each in wanted)]
        assert not active, f"before its fault: {active}"
        return True

    eventually(absent)


def until_firing(outputs: StackOutputs, began: Mapping[Labels, float]) -> None:
    """Wait for every alert, and tell how long after its fault (a `time.monotonic()`) it fired."""
    seconds: dict[Labels, float] = {}

    def all_fire() -> bool:
        states = prometheus.states(outputs)
        for wanted in began.keys() - seconds.keys():
            if any(wanted <= labels and state == "firing" for labels, state in states.items()):
                seconds[wanted] = time.monotonic() - began[wanted]
        missing = {named(each): state_of(states, each) for each in began.keys() - seconds.keys()}
        assert not missing, f"not firing: {missing}"
        return True

    eventually(all_fire, LONGEST)
    for wanted, taken in sorted(seconds.items(), key=lambda each: each[1]):
        print(f"{named(wanted):36}{taken:6.0f} s from fault to firing")


def named(wanted: Labels) -> str:
    return dict(wanted)["alertname"]


def state_of(states: Mapping[Labels, str], wanted: Labels) -> str:
    return next((state for labels, state in states.items() if wanted <= labels), "inactive")


def complete(outputs: StackOutputs, failed: str) -> None:
    """Every query that the stack can answer, failed requests of this kind among them, has a value."""
    intended = settings.read(outputs.settings)
    scope, there = queries.of_stack(outputs.namespace, 10), queries.features(intended) | {failed}
    wanted = [query for query in queries.all_queries(scope) if set(query.needs) <= there]

    def answered() -> bool:
        series = {query.name: len(prometheus.values(outputs, query)) for query in wanted}
        empty = [name for name, count in series.items() if not count]
        assert not empty, f"{outputs.stack}: no value: {', '.join(empty)}"
        print("\n".join(f"{count:3} {name}" for name, count in series.items()))
        return True

    eventually(answered)


def test_every_alert_has_a_fault() -> None:
    shown = (*BY_LOAD["tensorflow"], *BY_LOAD["torchserve"], *IN_A_POD, *OF_THE_PLATFORM)
    assert sorted(shown) == sorted(each.name for each in alerts(Settings()))


def test_more_load_than_a_stack_can_take_fires_its_alerts_and_fills_its_dashboards(
    overloaded: Overloaded, photo: str
) -> None:
    stacks = (overloaded.tensorflow, overloaded.torchserve)
    wanted = [
        alert(name, namespace=each.namespace) for each in stacks for name in BY_LOAD[each.endpoints[0].server]
    ]
    quiet(overloaded.tensorflow, *wanted)
    with ExitStack() as loads:
        outcomes = [loads.enter_context(faults.load(each.endpoints[0], RATE, photo)) for each in stacks]
        until_firing(overloaded.tensorflow, dict.fromkeys(wanted, time.monotonic()))
        complete(overloaded.tensorflow, ERRORS)
        complete(overloaded.torchserve, FAULTS)
    for each, answers in zip(stacks, outcomes, strict=True):
        print(each.endpoints[0].server, dict(answers))
        assert answers["200"]
        assert answers["503"]


def test_a_full_memory_a_frozen_and_a_killed_server_fire_their_alerts(overloaded: Overloaded) -> None:
    outputs = overloaded.torchserve
    pod = faults.first_pod(outputs, "torchserve")
    memory, down, restarted = (alert(name, namespace=outputs.namespace, pod=pod) for name in IN_A_POD)
    quiet(outputs, memory, down, restarted)
    used, limit = (
        sum(prometheus.values(outputs, query).values())
        for query in memory_of(queries.of_stack(outputs.namespace, 10))
    )
    with faults.memory_filled(outputs, pod, round(0.95 * limit - used)):
        faults.signal_java(outputs, pod, "STOP")
        until_firing(outputs, dict.fromkeys((memory, down), time.monotonic()))
    faults.signal_java(outputs, pod, "KILL")
    until_firing(outputs, {restarted: time.monotonic()})


def memory_of(scope: queries.Scope) -> tuple[queries.Query, queries.Query]:
    return queries.resources.memory_used(scope), queries.resources.memory_allowed(scope)


def calm(outputs: StackOutputs) -> bool:
    """Prometheus answers and has scraped everything at least once."""
    data = prometheus.page(outputs, "targets?state=active")
    assert isinstance(data, dict)
    return {each["health"] for each in data["activeTargets"]} == {"up"}


def test_a_source_that_is_gone_and_a_volume_that_is_full_fire_the_platforms_alerts(
    outputs: StackOutputs, tmp_path: Path
) -> None:
    storage, source = (alert(name) for name in OF_THE_PLATFORM)
    with platform_faults.small_volume(outputs, tmp_path):
        eventually(lambda: calm(outputs))
        quiet(outputs, storage, source)
        began = dict.fromkeys((storage, source), time.monotonic())
        with (
            platform_faults.exploding_labels(outputs, tmp_path),
            platform_faults.no_kube_state_metrics(outputs),
        ):
            until_firing(outputs, began)
