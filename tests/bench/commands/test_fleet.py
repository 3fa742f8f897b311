"""A plan becomes a stack whose pods are for ordered nodes."""

import argparse
import json
from pathlib import Path

import pytest

from bench.__main__ import parser
from bench.commands import fleet
from bench.errors import OptionError, ReadError
from bench.records.fleet import Plan
from bench.trial.fleet import Trial
from stack import settings

PLAN = Plan("tf", {"servers": ["tensorflow"], "replicas": 106}, 106, 27, 7568.64, "m6i", 0.384, "USD")


def options(*words: str) -> argparse.Namespace:
    return parser().parse_args(["fleet", "plan.json", *words])


def trial(*words: str) -> Trial:
    return fleet.trial_of(options(*words), PLAN)


def test_its_pods_go_to_the_labelled_nodes_only_and_over_the_zones_evenly() -> None:
    found = settings.read(trial("--nodes", "pool=serving").sets)
    assert found.replicas == 106
    assert found.placement.node_selector == (("pool", "serving"),)
    assert found.placement.tolerations == ("pool=serving",)
    assert found.placement.max_zone_skew == 1


def test_an_autoscaler_begins_with_the_planned_pods() -> None:
    found = settings.read(trial("--autoscaled").sets)
    assert found.autoscaling
    assert (found.autoscaling.min_replicas, found.autoscaling.max_replicas) == (106, 212)


def test_afterwards_it_is_made_smaller() -> None:
    assert trial().smaller is None
    smaller = trial("--shrink", "50").smaller
    assert smaller
    assert (settings.read(smaller[0]).replicas, smaller[1]) == (53, 53)


def test_as_many_are_on_a_node_as_were_planned_unless_it_is_said_otherwise() -> None:
    """Karpenter would order a node for each pod that only prefers one of its own."""
    assert not settings.read(trial().sets).availability.topology_spread
    asked = ("--set", "availability.topologySpread=true", "--set", "placement.maxZoneSkew=3")
    found = settings.read(trial(*asked).sets)
    assert (found.availability.topology_spread, found.placement.max_zone_skew) == (True, 3)
    assert found.placement.node_selector, "the rest of the group stays"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--nodes", "pool"), "--nodes: expected LABEL=VALUE"),
        (("--set", "replicas"), "--set: expected KEY=VALUE"),
    ],
)
def test_a_bad_option_is_told_by_its_name(words: tuple[str, ...], error: str) -> None:
    with pytest.raises(OptionError, match=error):
        trial(*words)


@pytest.mark.parametrize("content", ["nothing", "[]", "{}", json.dumps({"sized": [], "node": {}})])
def test_what_is_no_plan_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    with pytest.raises(ReadError, match="PLAN: expected"):
        fleet.read(file)
