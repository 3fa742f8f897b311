"""The kind of node of a plan, and what Karpenter's provider of simulated nodes is told of it."""

import json
from pathlib import Path

import pytest

from embedded.fleet import FleetError, NodeKind, nodes, read

NODE = {"name": "m6i.2xlarge", "hour": 0.384, "offers": {"cores": 7.91, "gib": 28.5}}
KIND = NodeKind("m6i.2xlarge", 7.91, 28.5, 0.384)


def plan(folder: Path, content: str) -> Path:
    file = folder / "plan.json"
    file.write_text(content)
    return file


def test_the_kind_is_that_which_the_plan_fills(tmp_path: Path) -> None:
    assert read(plan(tmp_path, json.dumps({"node": NODE, "sized": []}))) == KIND


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "[]",
        "{}",
        json.dumps({"node": {**NODE, "hour": "much"}}),
        json.dumps({"node": {**NODE, "hour": True}}),
        json.dumps({"node": {**NODE, "offers": {"cores": -1, "gib": 1}}}),
        json.dumps({"node": {"name": "n", "hour": 1, "cores": 8, "gib": 32}}),
    ],
)
def test_what_is_no_plan_is_refused_with_the_command_that_makes_one(content: str, tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"PLAN: expected .*bench size --rate RATE --json"):
        read(plan(tmp_path, content))


def test_pods_may_request_what_they_were_planned_to_and_no_more() -> None:
    """The provider takes 100m and 10Mi off what the file says."""
    (told,) = json.loads(nodes.instance_types(KIND))
    cpu, memory = told["resources"]["cpu"], told["resources"]["memory"]
    assert int(cpu.removesuffix("m")) - 100 == 7910
    assert int(memory.removesuffix("Ki")) - 10 * 1024 == 28.5 * 2**20


def test_every_zone_has_the_kind_at_the_planned_price() -> None:
    (told,) = json.loads(nodes.instance_types(KIND))
    zones = [each["Requirements"][1]["values"] for each in told["offerings"]]
    assert zones == [["zone-a"], ["zone-b"], ["zone-c"]]
    assert {each["Price"] for each in told["offerings"]} == {0.384}


@pytest.mark.parametrize(
    ("written", "label"),
    [("m6i.2xlarge", "m6i.2xlarge"), ("yours, at the prices of a core", "yours--at-the-prices-of-a-core")],
)
def test_a_kinds_name_is_made_a_label(written: str, label: str) -> None:
    assert nodes.name(NodeKind(written, 1, 1, 1)) == label
