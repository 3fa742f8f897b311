"""Keep one component running: leave it, start it, or replace it."""

import os
import time
from collections.abc import Sequence
from enum import Enum

from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.processes import process, programs
from embedded.cluster.processes.component import Component
from embedded.cluster.processes.probes import check
from embedded.cluster.processes.process import Identity

POLL_SECONDS = 0.1
HEAL_SECONDS = 15.0
START_SECONDS = 90.0
END_SECONDS = 10.0


class Verdict(Enum):
    """What `ensure` found."""

    RUNNING = "running"
    DEAD = "dead"
    OUTDATED = "outdated"


def marker(where: Layout, component: str) -> str:
    return f"{component}@{where.state}"


def judge(identity: Identity | None, *, alive: bool, fingerprint: str) -> Verdict:
    """Pure: what a pid file and a look at the process say about a component."""
    if identity is None or not alive:
        return Verdict.DEAD
    return Verdict.RUNNING if identity.fingerprint == fingerprint else Verdict.OUTDATED


def ensure(where: Layout, component: Component) -> bool:
    """Have the component's process exist (not yet: be healthy); True if it had to be started."""
    wanted = process.fingerprint(component.argv, component.files)
    identity = process.read_identity(where.pid_file(component.name))
    alive = identity is not None and process.is_alive(identity)
    match judge(identity, alive=alive, fingerprint=wanted):
        case Verdict.RUNNING:
            return False
        case Verdict.OUTDATED | Verdict.DEAD:
            start(where, component, wanted)
            return True


def start(where: Layout, component: Component, fingerprint: str) -> None:
    """Start the process, after ending any former or unnoted one of the same name."""
    end(where, component)
    environment = {
        "PATH": programs.search_path(),
        "HOME": os.environ.get("HOME", "/root"),
        process.MARKER: marker(where, component.name),
        **dict(component.environment),
    }
    for file in component.litter:
        file.unlink(missing_ok=True)
    where.logs.mkdir(parents=True, exist_ok=True)
    process.spawn(
        component.argv,
        environment,
        where.log_file(component.name),
        where.pid_file(component.name),
        fingerprint,
    )


def end(where: Layout, component: Component) -> None:
    """End the component: by its pid file, and by its mark if the pid file was never written."""
    identity = process.read_identity(where.pid_file(component.name))
    pids = {identity.pid} if identity and process.is_alive(identity) else set()
    pids |= {pid for pid in process.marked(marker(where, component.name)) if _is_main(pid, component)}
    process.terminate(pids, END_SECONDS if component.keeps_data else 0)
    where.pid_file(component.name).unlink(missing_ok=True)


def _is_main(pid: int, component: Component) -> bool:
    """Not a child that inherited the mark: containerd's shims outlive containerd, and so they should."""
    argv = process.command_line(pid)
    return bool(argv) and os.path.basename(argv[0]) == os.path.basename(component.argv[0])  # noqa: PTH119


def bring_up(where: Layout, components: Sequence[Component]) -> tuple[str, ...]:
    """Have all of them running and healthy; the names of those that had to be started or replaced.

    One that is alive but stays sick for HEAL_SECONDS is replaced. Raises ClusterError with the end of the log
    if a component dies or does not become healthy in START_SECONDS.
    """
    started = {component.name for component in components if ensure(where, component)}
    for component in components:
        if component.name not in started and not _heals(where, component, HEAL_SECONDS):
            start(where, component, process.fingerprint(component.argv, component.files))
            started.add(component.name)
    for component in components:
        if component.name in started and not _heals(where, component, START_SECONDS):
            raise ClusterError(_complaint(where, component))
    return tuple(component.name for component in components if component.name in started)


def _heals(where: Layout, component: Component, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not check(component.probe):
        identity = process.read_identity(where.pid_file(component.name))
        if identity is None or not process.is_alive(identity) or time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _complaint(where: Layout, component: Component) -> str:
    log = where.log_file(component.name)
    tail = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
    return "\n".join(
        (
            f"{component.name}: expected healthy within {START_SECONDS:.0f} s; its log {log} ends:",
            *(f"  {line[:300]}" for line in tail),
            "If a new start does not help, `make down` and `make up` begin with an empty cluster.",
        )
    )
