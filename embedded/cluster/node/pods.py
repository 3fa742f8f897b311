"""End every pod of this machine's embedded cluster, whoever is still alive to help."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from base.children import tied
from embedded.cluster import layout
from embedded.cluster.layout import Layout
from embedded.cluster.processes import process, programs

CGROUPS = Path("/sys/fs/cgroup")
PODS = f"{layout.CGROUP}/kubepods"
SHIM = "containerd-shim"
NAMESPACE = "k8s.io"
SHIM_SOCKETS = Path("/run/containerd/s")


def kill_all(where: Layout) -> None:
    """SIGKILL to every process of every pod, then to the shims of the cluster's containerd."""
    process.terminate(in_cgroups(PODS), 0)
    process.terminate(shims(where), 0)


def purge(where: Layout) -> None:
    """Forget all containers and their snapshots; images stay. Does nothing if containerd does not run."""
    address = ("--address", str(where.containerd_socket), "--connect-timeout", "3s")
    ctr = (programs.find("ctr"), *address, "--namespace", NAMESPACE)
    listed = _output(*ctr, "containers", "list", "--quiet").split()
    if listed:
        _output(*ctr, "tasks", "delete", "--force", *listed)
        _output(*ctr, "containers", "delete", *listed)


def shims(where: Layout) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            argv = process.command_line(int(entry.name))
            if argv and SHIM in argv[0] and str(where.containerd_socket) in argv:
                yield int(entry.name)


def cgroup_folders(name: str) -> list[Path]:
    """A cgroup and those below it, deepest first, of every hierarchy (cgroup v1) or of the only one (v2)."""
    roots = [path for path in (CGROUPS / name, *CGROUPS.glob(f"*/{name}")) if path.is_dir()]
    folders = [folder for root in roots for folder in (root, *root.rglob("*")) if folder.is_dir()]
    return sorted(folders, key=lambda folder: len(folder.parts), reverse=True)


def ensure_cgroup() -> None:
    """The kubelet wants its root cgroup to exist, in every hierarchy."""
    unified = (CGROUPS / "cgroup.controllers").exists()
    for parent in [CGROUPS] if unified else [path for path in CGROUPS.iterdir() if path.is_dir()]:
        if (parent / "cgroup.procs").exists():
            (parent / layout.CGROUP).mkdir(exist_ok=True)


def in_cgroups(name: str) -> set[int]:
    """Pids of all processes in a cgroup and below it."""
    return {
        int(pid)
        for folder in cgroup_folders(name)
        if (folder / "cgroup.procs").exists()
        for pid in (folder / "cgroup.procs").read_text().split()
    }


def _output(*argv: str) -> str:
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=60, check=False, preexec_fn=tied()
        )
        return done.stdout
    except subprocess.TimeoutExpired:
        return ""
