"""Which nodes may take a stack's pods, and whether these have room for them."""

from dataclasses import replace

import pytest

from infra import program, room
from infra.capacity import Amount, Node
from infra.cluster_survey import Survey
from stack.settings import PlacementSettings, Platform, Resources, Settings
from tests.infra import example

POOL, TAINT = (("pool", "serving"),), "pool=serving:NoSchedule"
ANY = Node("any", Amount(2000, 8192))
POOLED = Node("pooled", Amount(8000, 16384), labels={"pool": "serving"}, taints=(TAINT,))
BOTH = Survey(nodes=(ANY, POOLED), pods=())
PLACED = Settings(
    servers=("torchserve",),
    replicas=3,
    resources=Resources(cpu_request="2", cpu_limit="2"),
    placement=PlacementSettings(POOL, (TAINT,)),
)


def lacking(settings: Settings, cluster: Survey = BOTH) -> list[str]:
    return room.lacking("minikube", settings, program.render(example.inputs(settings)), cluster)


def test_pods_with_a_place_find_room_there_and_nowhere_else() -> None:
    assert not lacking(PLACED)
    (problem,) = lacking(replace(PLACED, replicas=4))
    assert "fit into the free 8000m CPU" in problem


@pytest.mark.parametrize(
    "placement",
    [PlacementSettings(), PlacementSettings(POOL), PlacementSettings((), ("pool=other:NoSchedule",))],
    ids=["no place", "not tolerated", "another taint tolerated"],
)
def test_a_tainted_node_is_no_room_for_pods_that_do_not_tolerate_it(placement: PlacementSettings) -> None:
    assert lacking(replace(PLACED, placement=placement))


@pytest.mark.parametrize("toleration", ["pool", "pool=serving", "pool:NoSchedule", TAINT])
def test_a_toleration_without_value_or_effect_means_any(toleration: str) -> None:
    assert not lacking(replace(PLACED, placement=PlacementSettings(POOL, (toleration,))))


def test_labels_that_no_node_has_are_named() -> None:
    (problem,) = lacking(replace(PLACED, placement=PlacementSettings((("pool", "none"),), (TAINT,))))
    assert problem.startswith("placement.nodeSelector: expected labels of a node that takes pods")
    assert "got pool=none" in problem


def test_the_platforms_pods_find_room_on_any_node() -> None:
    """`placement` is that of the servers only."""
    both = replace(PLACED, platform=Platform(enabled=True))
    assert not lacking(both)
    (problem,) = lacking(both, Survey(nodes=(POOLED,), pods=()))
    assert problem.startswith("kubeContexts: expected a node that takes pods")
