"""Times, zones and cost of pods on ordered nodes."""

import pytest

from bench.records import fleet
from bench.records.fleet import Bound, Group, Ordered, Plan, Scene, Spread

PODS = (
    Bound("a", "n1", 100.0, 103.0, 104.0),
    Bound("b", "n1", 101.0, 103.0, None),
    Bound("c", "n2", 101.0, 111.0, None),
    Bound("d", "", 102.0, None, None),
)
NODES = (
    Ordered("n1", "m6i", "zone-a", True),
    Ordered("n2", "m6i", "zone-b", True),
    Ordered("n3", "m6i", "zone-c", False),
)
SCENE = Scene(0.0, PODS, NODES)
PLAN = Plan("s", {}, 4, 2, 560.64, "m6i", 0.384, "USD")


def test_a_pods_wait_is_from_its_creation_to_its_binding() -> None:
    assert fleet.binding(PODS) == Spread(3.0, 10.0, 10.0)


def test_all_are_bound_when_the_last_one_is() -> None:
    assert fleet.all_bound(PODS) == 11.0


def test_a_zone_without_pods_counts_for_the_skew() -> None:
    found = fleet.groups(SCENE)
    assert found == (Group("m6i", "zone-a", 1, 2), Group("m6i", "zone-b", 1, 1), Group("m6i", "zone-c", 1, 0))
    assert fleet.skew(found) == 2


def test_two_kinds_in_a_zone_are_one_zone() -> None:
    assert fleet.skew((Group("a", "x", 1, 2), Group("b", "x", 1, 2), Group("a", "y", 1, 3))) == 1


def test_whole_nodes_are_paid_for() -> None:
    assert fleet.month(SCENE, PLAN) == pytest.approx(3 * 0.384 * 730)


def test_no_bound_pod_has_no_time() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        fleet.binding(PODS[3:])
