"""Looks at this machine, changes nothing: the facts from which preflight decides."""

import os
import platform
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded.machine import paths
from embedded.machine.mounts import filesystem
from embedded.machine.ports import Listener, listeners
from embedded.machine.versions import Version, find, parse
from embedded.toolchain.command import output_of
from embedded.toolchain.debian import can_install
from embedded.toolchain.golang import find_go
from embedded.toolchain.install import to_build, to_install
from embedded.toolchain.locate import which

PORTS = {
    5000: "image registry",
    6443: "Kubernetes API server",
    2379: "etcd",
    2380: "etcd, peers",
    10250: "kubelet",
    10256: "kube-proxy",
    10257: "kube-controller-manager",
    10259: "kube-scheduler",
}
CONTROLLERS = frozenset({"cpu", "cpuset", "memory", "pids"})
_CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_SYS_CHROOT": 18, "CAP_SYS_ADMIN": 21, "CAP_MKNOD": 27}
_NETLINK_NETFILTER = 12


@dataclass(frozen=True)
class TakenPort:
    """A port that we need, and the process of someone else that listens on it."""

    number: int
    purpose: str
    holder: str


@dataclass(frozen=True)
class OwnProgram:
    """A program of the user's own cluster; `problem` is None if it is there and works."""

    name: str
    version: str | None
    problem: str | None


@dataclass(frozen=True)
class Facts:
    """What preflight decides from; sizes in GiB."""

    system: str
    machine: str
    cores: int
    memory: float
    python: Version
    root: bool
    missing_capabilities: tuple[str, ...]
    apt: bool
    go: str | None
    to_install: tuple[str, ...]
    to_build: tuple[str, ...]
    free_cache: float
    free_state: float
    state_filesystem: str
    awkward_folders: tuple[str, ...]
    overlay: bool
    netfilter: bool
    controllers: frozenset[str]
    cgroups_writable: bool
    taken_ports: tuple[TakenPort, ...]
    own: tuple[OwnProgram, ...]


def gather() -> Facts:
    """Read every fact of this machine; takes a second or two."""
    go = find_go()
    return Facts(
        system=platform.system(),
        machine=platform.machine(),
        cores=os.cpu_count() or 1,
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        python=parse(platform.python_version()),
        root=os.geteuid() == 0,
        missing_capabilities=missing_capabilities(_text("/proc/self/status")),
        apt=can_install(),
        go=go.version if go else None,
        to_install=to_install(),
        to_build=to_build(),
        free_cache=_free(paths.cache()),
        free_state=_free(paths.state()),
        state_filesystem=filesystem(paths.state(), _text("/proc/self/mountinfo")),
        awkward_folders=awkward(str(paths.cache()), str(paths.state())),
        overlay=_has_overlay(),
        netfilter=_has_netfilter(),
        controllers=controllers(_text("/proc/cgroups"), _text("/sys/fs/cgroup/cgroup.controllers")),
        cgroups_writable=os.access("/sys/fs/cgroup", os.W_OK),
        taken_ports=tuple(_taken_ports()),
        own=(_own_pulumi(), _own_docker(), _own_minikube()),
    )


def missing_capabilities(status: str) -> tuple[str, ...]:
    """Which needed capabilities this process lacks, from the text of /proc/self/status."""
    match = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    effective = int(match[1], 16) if match else 0
    return tuple(name for name, bit in _CAPABILITIES.items() if not effective >> bit & 1)


def controllers(version_1: str, version_2: str) -> frozenset[str]:
    """Enabled cgroup controllers, from /proc/cgroups and the root's cgroup.controllers."""
    rows = [line.split() for line in version_1.splitlines() if not line.startswith("#")]
    mounted = {row[0] for row in rows if len(row) == 4 and row[3] == "1" and row[1] != "0"}
    return frozenset(mounted | set(version_2.split()))


def awkward(*folders: str) -> tuple[str, ...]:
    """Those whose names the cluster's programs may not take, in flags, addresses and files of settings."""
    return tuple(folder for folder in folders if re.search(r"[^\w./@%+,-]", folder))


def _text(file: str) -> str:
    try:
        return Path(file).read_text(errors="replace")
    except OSError:
        return ""


def _free(folder: Path) -> float:
    existing = next(candidate for candidate in (folder, *folder.parents) if candidate.exists())
    return shutil.disk_usage(existing).free / 2**30


def _has_overlay() -> bool:
    if "\toverlay" in _text("/proc/filesystems"):
        return True
    return any(Path("/lib/modules", platform.release()).glob("kernel/fs/overlayfs/overlay.ko*"))


def _has_netfilter() -> bool:
    """Whether packets can be filtered and translated here; taken as given for those who cannot ask."""
    iptables = which("iptables")
    if os.geteuid() != 0 or platform.system() != "Linux":
        return True
    if iptables:
        return "-P PREROUTING" in output_of((str(iptables), "-w", "-t", "nat", "-S"))
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER).close()
    except OSError:
        return Path("/proc/net/ip_tables_names").exists()
    return True


def _taken_ports() -> Iterator[TakenPort]:
    for listener in listeners(PORTS):
        if not _is_ours(listener):
            yield TakenPort(listener.port, PORTS[listener.port], _describe(listener))


def _is_ours(listener: Listener) -> bool:
    """Our processes run from our cache or name our folders in their arguments."""
    said = " ".join((*listener.command, os.path.realpath(f"/proc/{listener.pid}/exe")))
    return any(str(folder) in said for folder in (paths.cache(), paths.state()))


def _describe(listener: Listener) -> str:
    if listener.pid is None:
        return "a process of another user"
    return f"{_text(f'/proc/{listener.pid}/comm').strip() or 'a process'} (process {listener.pid})"


def _own_pulumi() -> OwnProgram:
    program = which("pulumi")
    version = find(output_of((str(program), "version"))) if program else None
    return OwnProgram("pulumi", str(version) if version else None, _problem(program, version))


def _own_minikube() -> OwnProgram:
    program = which("minikube")
    version = find(output_of((str(program), "version", "--short"))) if program else None
    return OwnProgram("minikube", str(version) if version else None, _problem(program, version))


def _own_docker() -> OwnProgram:
    program = which("docker")
    version = find(output_of((str(program), "--version"))) if program else None
    problem = _problem(program, version)
    if problem is None and not _daemon_answers(str(program)):
        problem = "its daemon does not answer"
    return OwnProgram("docker", str(version) if version else None, problem)


def _daemon_answers(docker: str) -> bool:
    """Whether the user's own daemon answers; in an activated shell DOCKER_HOST may name ours."""
    ours = f"unix://{paths.docker_socket()}"
    kept = {name: value for name, value in os.environ.items() if (name, value) != ("DOCKER_HOST", ours)}
    return find(output_of((docker, "version", "-f", "{{.Server.Version}}"), env=kept)) is not None


def _problem(program: Path | None, version: Version | None) -> str | None:
    if program is None:
        return "not installed"
    return None if version else "does not say its version"
