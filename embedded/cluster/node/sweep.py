"""Take away what processes leave behind: mounts, cgroups, sockets, links, files."""

import ctypes
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from embedded.cluster import layout
from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.node import cni, pods
from embedded.cluster.processes import process
from embedded.machine import mounts

MNT_DETACH = 2
CONTAINER_LOGS = Path("/var/log/containers")
DEVICE_PLUGIN_SOCKET = Path("/var/lib/kubelet/device-plugins/kubelet.sock")
FIXED_FOLDERS = (
    CONTAINER_LOGS,
    cni.RESULTS,
    cni.RESULTS.parent,
    DEVICE_PLUGIN_SOCKET.parent,
    DEVICE_PLUGIN_SOCKET.parent.parent,
)
CLUSTER_FILES = ("kubelet.yaml", "proxy.yaml", "containerd.toml")


def cluster(where: Layout) -> None:
    """After the last process of the cluster has ended; keeps the docker daemon's and the registry's files."""
    runtime = (where.run / "containerd", where.containerd_root)
    unmount_below((where.kubelet_root, *runtime))
    cgroups(pods.PODS)
    shim_sockets()
    container_log_links(where)
    cni.forget()
    DEVICE_PLUGIN_SOCKET.unlink(missing_ok=True)
    empty_folders()
    files(where)


def files(where: Layout) -> None:
    """Delete the cluster's own files: not the cache, the logs or Pulumi's state."""
    own = (where.pki, where.etcd_data, where.kubelet_root, where.pod_logs, where.cni)
    _delete(*own, where.run / "containerd", where.config / "cni", where.config / "certs.d")
    _delete(where.kubeconfig, where.heartbeat, where.state / "boot-id", *where.run.glob("containerd.sock*"))
    _delete(*where.config.glob("*.kubeconfig"), *(where.config / name for name in CLUSTER_FILES))


def image_services(where: Layout) -> None:
    """After the docker daemon and the registry have ended."""
    process.terminate(pods.in_cgroups(layout.CGROUP), 0)
    unmount_below((where.run, where.docker_root))
    cgroups(layout.CGROUP)
    _delete(where.run, where.config)


def _delete(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def mount_points(mountinfo: str, folders: Iterable[Path]) -> list[str]:
    """Pure: the mount points at or below `folders`, deepest first, from /proc/self/mountinfo."""
    roots = tuple(folders)
    points = [mount.point for mount in mounts.parse(mountinfo)]
    inside = [str(point) for point in points if any(point.is_relative_to(root) for root in roots)]
    return sorted(inside, key=len, reverse=True)


def unmount_below(folders: Iterable[Path]) -> None:
    """Unmount everything below `folders`.

    Raises ClusterError if something stays: what is mounted there must not be deleted with the folder.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    roots = [folder.resolve() for folder in folders]
    for point in _mounted(roots):
        libc.umount2(os.fsencode(point), MNT_DETACH)
    if left := _mounted(roots):
        raise ClusterError(
            f"mounts: expected none below {roots[0]}, got {', '.join(left)}; `umount` them by hand"
        )


def _mounted(roots: list[Path]) -> list[str]:
    return mount_points(Path("/proc/self/mountinfo").read_text(), roots)


def cgroups(name: str) -> None:
    """Remove a cgroup and those below it; a killed process leaves its cgroup a moment after its end."""
    for folder in pods.cgroup_folders(name):
        deadline = time.monotonic() + 5
        while folder.exists() and time.monotonic() < deadline:
            try:
                folder.rmdir()
            except OSError:
                time.sleep(0.05)


def shim_sockets() -> None:
    """Sockets of killed shims lie at a fixed place of the machine; those nobody listens on are litter."""
    listening = Path("/proc/net/unix").read_text()
    for socket in pods.SHIM_SOCKETS.glob("*"):
        if str(socket) not in listening:
            socket.unlink(missing_ok=True)


def empty_folders() -> None:
    """Folders that Kubernetes makes at fixed places of the machine, unless something else is in them."""
    for folder in FIXED_FOLDERS:
        with suppress(OSError):
            folder.rmdir()


def container_log_links(where: Layout) -> None:
    """The kubelet links every container's log at a fixed place of the machine."""
    for link in CONTAINER_LOGS.glob("*.log"):
        if link.is_symlink() and link.readlink().is_relative_to(where.pod_logs):
            link.unlink(missing_ok=True)
