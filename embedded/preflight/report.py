"""Says in one screen what this machine has and lacks, before anything is done to it."""

import sys
from dataclasses import dataclass
from enum import Enum

from embedded.machine import limits
from embedded.machine.versions import Version
from embedded.preflight.facts import CONTROLLERS, Facts, OwnProgram, gather

OLDEST_PYTHON, FIRST_UNTRIED_PYTHON = Version(3, 11), Version(3, 14)
MACHINES = frozenset({"x86_64", "aarch64"})
MEMORY_GIB = 6.0
FREE_FIRST_GIB = 25.0
FREE_AGAIN_GIB = 5.0
_WIDTH = 100


class Route(Enum):
    """Which cluster `make up` uses."""

    INSTALLED = "your Pulumi, Docker and minikube"
    EMBEDDED = "the embedded cluster, from package registries"
    NONE = "none"


@dataclass(frozen=True)
class Lack:
    """Something that this machine lacks, and how to get it."""

    what: str
    fix: str


@dataclass(frozen=True)
class Report:
    """What can be done here: `lacks` is why the embedded cluster is out of the question."""

    facts: Facts
    route: Route
    lacks: tuple[Lack, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.route is not Route.NONE


def check() -> Report:
    """Look at this machine and judge it; changes nothing."""
    return judge(gather())


def judge(facts: Facts) -> Report:
    """Decide from facts alone: the user's own programs win, then the embedded cluster, then nothing."""
    python = _python_lacks(facts)
    if all(program.problem is None for program in facts.own):
        route = Route.NONE if python else Route.INSTALLED
        return Report(facts, route, python, ())
    lacks = python + _system_lacks(facts)
    if not lacks:
        lacks = (*_kernel_lacks(facts), *_space_lacks(facts), *_port_lacks(facts))
    return Report(facts, Route.NONE if lacks else Route.EMBEDDED, lacks, _notes(facts))


def render(report: Report) -> str:
    """One screen of text: at most 24 lines."""
    facts = report.facts
    lines = [
        f"This machine: {facts.system} {facts.machine}, {facts.cores} cores, {facts.memory:.0f} GiB memory, "
        f"{facts.free_cache:.0f} GiB free disk, Python {facts.python}, Go {facts.go or '-'}, "
        f"{'root' if facts.root else 'not root'}",
        f"Your own: {'; '.join(_own(program) for program in facts.own)}",
    ]
    if report.ok:
        lines += [f"Used here: {report.route.value}", *(f"  {note}" for note in report.notes)]
    else:
        lines += ["Nothing was done. The embedded cluster cannot run here:"]
        lines += [line for lack in report.lacks for line in (f"  lacks {lack.what}", f"        {lack.fix}")]
        lines += _way_out(facts)
    return "\n".join(_shorten(line) for line in lines)


def main() -> int:
    """Print the report; 1 if nothing can be done here."""
    report = check()
    print(render(report), file=sys.stdout if report.ok else sys.stderr)
    return 0 if report.ok else 1


def _python_lacks(facts: Facts) -> tuple[Lack, ...]:
    if OLDEST_PYTHON <= facts.python < FIRST_UNTRIED_PYTHON:
        return ()
    fix = "install such a Python and make .venv with it (TensorFlow and PyTorch have no wheels for others)"
    return (Lack(f"Python 3.11, 3.12 or 3.13 (this is {facts.python})", fix),)


def _system_lacks(facts: Facts) -> tuple[Lack, ...]:
    """What makes all other questions pointless."""
    if facts.system != "Linux":
        return (Lack(f"Linux (this is {facts.system})", "use a Linux machine or virtual machine"),)
    lacks = []
    if facts.machine not in MACHINES:
        lacks.append(Lack(f"an x86-64 or arm64 processor (this is {facts.machine})", "use another machine"))
    if not facts.root:
        lacks.append(Lack("root (kubelet, containerd and iptables need it)", "run `sudo -E make up`"))
    elif facts.missing_capabilities:
        names = ", ".join(facts.missing_capabilities)
        fix = "root in a container: start it with --privileged, or use the machine itself"
        lacks.append(Lack(f"the capabilities {names}", fix))
    return tuple(lacks)


def _kernel_lacks(facts: Facts) -> tuple[Lack, ...]:
    lacks = []
    if CONTROLLERS - facts.controllers:
        names = ", ".join(sorted(CONTROLLERS - facts.controllers))
        lacks.append(Lack(f"the cgroup controllers {names}", "mount or enable them (see `man 7 cgroups`)"))
    elif not facts.cgroups_writable:
        lacks.append(Lack("a writable /sys/fs/cgroup", "mount it read-write"))
    if not facts.netfilter:
        fix = "load the modules nf_tables and nf_nat, or use a kernel that has them"
        lacks.append(Lack("packet filtering with address translation (iptables -t nat fails)", fix))
    if not facts.overlay:
        lacks.append(Lack("overlayfs", "load the kernel module `overlay`"))
    elif facts.state_filesystem == "overlay":
        fix = "set XDG_STATE_HOME and XDG_CACHE_HOME to folders on a disk (ext4 or xfs)"
        lacks.append(Lack("a disk for images: the state folder is itself on overlayfs", fix))
    return tuple(lacks)


def _space_lacks(facts: Facts) -> tuple[Lack, ...]:
    lacks = []
    if facts.memory < MEMORY_GIB:
        what = f"memory: {MEMORY_GIB:.0f} GiB are needed, there are {facts.memory:.1f}"
        lacks.append(Lack(what, "use a larger machine"))
    needed = FREE_FIRST_GIB if facts.to_build else FREE_AGAIN_GIB
    if min(facts.free_cache, facts.free_state) < needed:
        free = f"{facts.free_cache:.1f} GiB free for the cache, {facts.free_state:.1f} for the state"
        fix = "free some, or set XDG_CACHE_HOME and XDG_STATE_HOME to folders on a larger disk"
        lacks.append(Lack(f"disk: {needed:.0f} GiB are needed ({free})", fix))
    if facts.awkward_folders:
        what = f"folders without blanks, quotes or colons (there is {', '.join(facts.awkward_folders)})"
        lacks.append(Lack(what, "set XDG_CACHE_HOME and XDG_STATE_HOME to others"))
    if facts.to_install and not facts.apt:
        fix = "install them with your package manager (apt-get, which would do it, is not here)"
        lacks.append(Lack(f"programs: {', '.join(facts.to_install)}", fix))
    return tuple(lacks)


def _port_lacks(facts: Facts) -> tuple[Lack, ...]:
    if not facts.taken_ports:
        return ()
    taken = "; ".join(f"{port.number} ({port.purpose}) by {port.holder}" for port in facts.taken_ports)
    return (Lack(f"free ports; taken are {taken}", "stop those processes"),)


def _notes(facts: Facts) -> tuple[str, ...]:
    go = "" if facts.go else " after Go itself, from PyPI,"
    notes = []
    if facts.to_install:
        notes.append(f"installs Debian packages: {', '.join(facts.to_install)}")
    if facts.to_build:
        notes.append(f"builds{go} once, in a quarter of an hour on two cores: {', '.join(facts.to_build)}")
    return (*(notes or ["every program of it is already here"]), limits.NETWORK_POLICIES)


def _way_out(facts: Facts) -> list[str]:
    wanted = [program for program in facts.own if program.problem]
    if not wanted:
        return []
    return [
        "Or use your own programs, which need none of this; still to do:",
        *(f"  {_INSTALL[program.name]}" for program in wanted),
    ]


_INSTALL = {
    "pulumi": "Pulumi:   https://www.pulumi.com/docs/install/",
    "docker": "Docker:   https://docs.docker.com/engine/install/ (its daemon must answer `docker info`)",
    "minikube": "minikube: https://minikube.sigs.k8s.io/docs/start/",
}


def _own(program: OwnProgram) -> str:
    version = f" {program.version}" if program.version else ""
    problem = f" ({program.problem})" if program.problem else ""
    return f"{program.name}{version}{problem}"


def _shorten(line: str) -> str:
    return line if len(line) <= 2 * _WIDTH else f"{line[: 2 * _WIDTH - 2]} …"
