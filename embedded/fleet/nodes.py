"""Which kind of node a plan fills, and how Karpenter's provider of simulated nodes is told of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from embedded.fleet.errors import FleetError

ZONES = ("zone-a", "zone-b", "zone-c")
PODS = 100  # of 110 on a node, the kubelet's --max-pods; as many as `bench size` plans with
DISK = "100Gi"
# What the provider takes off every kind for the system (kwok/cloudprovider/helpers.go, newInstanceType).
OVERHEAD_CORES, OVERHEAD_GIB = 0.1, 10 / 1024
MAKE = "make one: python -m bench size --rate RATE --json > plan.json"


@dataclass(frozen=True)
class NodeKind:
    """A kind of node: how many cores and GiB pods may request of it, and what an hour of it costs."""

    name: str
    cores: float
    gib: float
    hour: float


def read(plan: Path) -> NodeKind:
    """The kind of node of a plan that `bench size --json` printed. Raises FleetError."""
    try:
        data = json.loads(plan.read_text())
    except (OSError, ValueError) as error:
        raise FleetError(f"PLAN: expected a plan as JSON, got {plan}: {error}; {MAKE}") from error
    try:
        node = cast("Mapping[str, object]", data["node"])
        offers = cast("Mapping[str, float]", node["offers"])
        return NodeKind(str(node["name"]), *map(_positive, (offers["cores"], offers["gib"], node["hour"])))
    except (KeyError, TypeError, ValueError) as error:
        told = f"node.offers.cores, node.offers.gib and node.hour as positive numbers, got {plan} ({error})"
        raise FleetError(f"PLAN: expected {told}; {MAKE}") from error


def _positive(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(str(value))
    return float(value)


def instance_types(kind: NodeKind) -> str:
    """The file of kinds that the provider reads: this one, on demand, in three zones at one price.

    Pods may request as much of it as they were planned to: what the plan reserves for the system is taken off
    here already, and what the provider takes off is added.
    """
    resources = {
        "cpu": f"{round(1000 * (kind.cores + OVERHEAD_CORES))}m",
        "memory": f"{round(2**20 * (kind.gib + OVERHEAD_GIB))}Ki",
        "ephemeral-storage": DISK,
        "pods": str(PODS),
    }
    return json.dumps(
        [
            {
                "name": name(kind),
                "offerings": [_offering(kind, zone) for zone in ZONES],
                "architecture": "amd64",
                "operatingSystems": ["linux"],
                "resources": resources,
            }
        ],
        indent=1,
    )


def name(kind: NodeKind) -> str:
    """The kind's name as the value of a label."""
    words = "".join(letter if letter.isalnum() or letter in "-._" else "-" for letter in kind.name)
    return words.strip("-._")[:63].strip("-._") or "node"


def _offering(kind: NodeKind, zone: str) -> dict[str, object]:
    where = {"karpenter.sh/capacity-type": "on-demand", "topology.kubernetes.io/zone": zone}
    needs = [{"key": key, "operator": "In", "values": [value]} for key, value in where.items()]
    return {"Price": kind.hour, "Available": True, "Requirements": needs}
