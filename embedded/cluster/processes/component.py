"""What every process of the cluster is described by."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embedded.cluster.processes.probes import Probe

Resolve = Callable[[str], str]


@dataclass(frozen=True)
class Component:
    """One long-lived process.

    `keeps_data`: what it writes outlives the cluster, so it is asked to end, not killed.
    `litter`: files that a killed one leaves and a new one stumbles over.
    """

    name: str
    argv: tuple[str, ...]
    probe: Probe
    files: tuple[Path, ...] = ()
    ports: tuple[int, ...] = ()
    keeps_data: bool = False
    litter: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
