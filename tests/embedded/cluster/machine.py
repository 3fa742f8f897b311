"""What the cluster could leave on a machine, as sets to compare."""

import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

from embedded.cluster import layout
from embedded.cluster.node import nfacct, pods
from embedded.cluster.processes import process, programs

SETTINGS = ("net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet", "vm/overcommit_memory", "kernel/panic")


FIXED_FOLDERS = (
    "/opt/containerd",
    "/run/containerd/s",
    "/run/containerd/runc/k8s.io",
    "/usr/libexec/kubernetes",
    "/var/lib/cni/results",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
)


@dataclass(frozen=True)
class Machine:
    """Everything outside the cache and the state folder that a cluster touches."""

    processes: frozenset[str]
    mounts: frozenset[str]
    links: frozenset[str]
    namespaces: frozenset[str]
    rules: frozenset[str]
    routes: frozenset[str]
    cgroups: frozenset[str]
    settings: frozenset[str]
    files: frozenset[str]
    counters: frozenset[str]


def look() -> Machine:
    """The machine now; what other programs change meanwhile is left out where it can be told apart."""
    return Machine(
        processes=frozenset(_processes()),
        mounts=frozenset(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        links=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
        namespaces=_names("/run/netns", "/var/run/docker/netns"),
        rules=frozenset(_rules()),
        routes=frozenset(_output("ip", "-4", "route", "show", "table", "all").splitlines()),
        cgroups=frozenset(str(path) for path in Path("/sys/fs/cgroup").rglob("*") if path.is_dir()),
        settings=frozenset(f"{name}={Path('/proc/sys', name).read_text().strip()}" for name in SETTINGS),
        files=_names(*FIXED_FOLDERS),
        counters=frozenset(name for name in nfacct.KUBE_PROXY_COUNTERS if _counter_exists(name)),
    )


def left_behind(before: Machine, after: Machine) -> dict[str, list[str]]:
    """By field, what is there after but was not before."""
    names = [field.name for field in fields(Machine)]
    surplus = {name: sorted(getattr(after, name) - getattr(before, name)) for name in names}
    return {name: values for name, values in surplus.items() if values}


def _processes() -> list[str]:
    """Processes that name the cluster's folders in their arguments, and all in its cgroups."""
    here = layout.current()
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    inside = pods.in_cgroups(layout.CGROUP)
    lines = [(pid, " ".join(process.command_line(pid))) for pid in pids]
    return [
        f"{pid} {line[:150]}"
        for pid, line in lines
        if pid in inside or any(f"{folder}/" in line for folder in (here.run, here.config, here.pki))
    ]


def _rules() -> list[str]:
    saved = [_output(f"{program}-save") for program in ("iptables", "ip6tables")]
    lines = [line for text in saved for line in text.splitlines()]
    return [line.split(" [")[0] for line in lines if line.startswith(("-A", ":")) and " ACCEPT " not in line]


def _names(*folders: str) -> frozenset[str]:
    return frozenset(
        str(path) for folder in folders if Path(folder).exists() for path in Path(folder).iterdir()
    )


def _counter_exists(name: str) -> bool:
    return name.encode() in nfacct.dump()


def _output(*argv: str) -> str:
    command = (programs.find(argv[0]), *argv[1:])
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
