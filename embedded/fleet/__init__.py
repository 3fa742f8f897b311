"""Simulated nodes beside the embedded cluster's own: Karpenter orders them, kwok plays their kubelets.

They show what is scheduled where, how soon, on how many nodes and at what price; nothing runs on them.
"""

from embedded.fleet.errors import FleetError
from embedded.fleet.lifecycle import start, status, stop
from embedded.fleet.nodes import NodeKind, read

__all__ = ["FleetError", "NodeKind", "read", "start", "status", "stop"]
