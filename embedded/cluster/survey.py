"""What runs, and how it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from embedded.cluster import image_services
from embedded.cluster.errors import ClusterError
from embedded.cluster.kubernetes import api, components
from embedded.cluster.layout import Layout
from embedded.cluster.processes import process, programs
from embedded.cluster.processes.component import Component
from embedded.cluster.processes.probes import check


class State(Enum):
    """`DEAD`: was started and is gone. `STOPPED`: was never started, or was stopped."""

    RUNNING = "running"
    DEAD = "dead"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ProcessStatus:
    """One process; `pid` is None unless it runs."""

    name: str
    pid: int | None
    state: State
    healthy: bool
    log: Path


@dataclass(frozen=True)
class ClusterStatus:
    """All processes in starting order, then what the API server says."""

    processes: tuple[ProcessStatus, ...]
    node: api.Condition
    dns: api.Condition

    @property
    def healthy(self) -> bool:
        return self.node.ready and all(process.healthy for process in self.processes)


def look(where: Layout) -> ClusterStatus:
    """Look at everything; changes nothing and needs no lock."""
    every = (*image_services.components(where, _find), *components.cluster(where, _find))
    absent = api.Condition(False, "there is no cluster")
    up = (where.pki / "complete").exists()
    return ClusterStatus(
        processes=tuple(of_component(where, component) for component in every),
        node=api.node(where) if up else absent,
        dns=api.dns(where) if up else absent,
    )


def of_component(where: Layout, component: Component) -> ProcessStatus:
    identity = process.read_identity(where.pid_file(component.name))
    alive = identity is not None and process.is_alive(identity)
    state = State.RUNNING if alive else State.STOPPED if identity is None else State.DEAD
    return ProcessStatus(
        name=component.name,
        pid=identity.pid if identity and alive else None,
        state=state,
        healthy=alive and check(component.probe),
        log=where.log_file(component.name),
    )


def running_pids(where: Layout, every: Iterable[Component]) -> tuple[int, ...]:
    """Pids of those components that run."""
    identities = (process.read_identity(where.pid_file(component.name)) for component in every)
    return tuple(found.pid for found in identities if found and process.is_alive(found))


def _find(name: str) -> str:
    """A missing program does not keep us from looking at the others."""
    try:
        return programs.find(name)
    except ClusterError:
        return name
