"""Counting what pods request against what nodes have left."""

from dataclasses import replace

import pytest

from infra import capacity
from infra import program as stack
from infra.capacity import Amount, Demand, Node, Pod
from stack.settings import Autoscaling, Resources, Settings
from tests.infra import example

HALF = Settings(resources=Resources(cpu_request="500m", memory_request="1Gi"))


def demands(settings: Settings) -> list[Demand]:
    return capacity.demands(stack.render(example.inputs(settings)))


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        ("250m", "512Mi", Amount(250, 512)),
        ("1.5", "2Gi", Amount(1500, 2048)),
        ("2", "24581684Ki", Amount(2000, 24005)),
        ("0.1", "1073741824", Amount(100, 1024)),
    ],
)
def test_kubernetes_quantities_are_read(cpu: str, memory: str, expected: Amount) -> None:
    assert capacity.amount({"cpu": cpu, "memory": memory}) == expected


def test_each_server_asks_for_its_replicas_and_a_rollout_for_one_more_pod() -> None:
    assert demands(replace(HALF, replicas=2)) == [
        Demand("tensorflow-serving", Amount(500, 1024), 2),
        Demand("torchserve", Amount(500, 1024), 2),
        Demand("for a rollout", Amount(500, 1024), 1),
    ]


@pytest.mark.parametrize(
    "wanted", [Autoscaling(1, 3), Autoscaling(1, 3, scaler="keda", metric="requestRate", target=40)]
)
def test_an_autoscaled_server_asks_for_its_most_and_rolls_within_them(wanted: Autoscaling) -> None:
    scaled = replace(HALF, servers=("torchserve",), autoscaling=wanted)
    assert demands(scaled) == [Demand("torchserve", Amount(500, 1024), 3)]


def test_an_autoscaler_without_play_needs_a_pod_more_for_a_rollout() -> None:
    scaled = replace(HALF, servers=("torchserve",), autoscaling=Autoscaling(2, 2))
    assert [demand.copies for demand in demands(scaled)] == [2, 1]


def test_the_stacks_own_pods_make_room_for_their_successors() -> None:
    nodes = [Node("n", Amount(2000, 4096))]
    pods = [Pod("emotion-a", "n", Amount(500, 100)), Pod("emotion-b", "n", Amount(300, 100))]
    assert capacity.free(nodes, pods, {"emotion-a"}) == {"n": Amount(1700, 3996)}


def test_a_pod_is_not_split_over_two_nodes() -> None:
    left = {"a": Amount(400, 4096), "b": Amount(400, 4096)}
    wanted = Demand("x", Amount(500, 100), 1)
    assert capacity.unplaced([wanted], left) == [wanted]


def test_large_pods_are_placed_first() -> None:
    left = {"a": Amount(500, 4096), "b": Amount(1000, 4096)}
    wanted = [Demand("small", Amount(250, 10), 2), Demand("large", Amount(1000, 10), 1)]
    assert capacity.unplaced(wanted, left) == []


def test_memory_counts_as_cpu_does() -> None:
    wanted = Demand("x", Amount(10, 3000), 2)
    assert capacity.unplaced([wanted], {"a": Amount(2000, 4096)}) == [replace(wanted, copies=1)]


@pytest.mark.parametrize(
    ("provider", "cloud"),
    [
        ("gce://p/z/n", True),
        ("aws:///z/i-1", True),
        ("azure:///s", True),
        ("kind://docker/k/n", False),
        ("", False),
    ],
)
def test_a_clouds_nodes_are_known_by_their_provider(provider: str, cloud: bool) -> None:
    assert Node("n", Amount(), provider).in_a_cloud is cloud
