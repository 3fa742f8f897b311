"""Whether generators can be had on nodes of their own."""

from typing import Any

import pytest

from bench.segments.placement import apart, nodes


def node(name: str, *, ready: str = "True", **spec: Any) -> object:
    return {
        "metadata": {"name": name},
        "spec": spec,
        "status": {"capacity": {"cpu": "4"}, "conditions": [{"type": "Ready", "status": ready}]},
    }


def test_a_node_has_cpus() -> None:
    assert nodes({"items": [node("a")]})["a"].cpus == 4.0


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (node("b"), True),
        (node("b", ready="False"), False),
        (node("b", unschedulable=True), False),
        (node("b", taints=[{"key": "gpu", "effect": "NoSchedule"}]), False),
        (node("b", taints=[{"key": "busy", "effect": "PreferNoSchedule"}]), True),
    ],
)
def test_generators_keep_away_where_another_node_takes_pods(other: object, expected: bool) -> None:
    assert apart(nodes({"items": [node("a"), other]}), {"a"}) is expected
    assert not apart(nodes({"items": [node("a"), other]}), {"a", "b"})
