"""One embedded cluster a machine: starts and stops exclude each other, and foreign port owners are named."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from embedded.cluster import process
from embedded.cluster.errors import ClusterError
from embedded.cluster.progress import Report


@contextmanager
def exclusive(file: Path, report: Report) -> Iterator[None]:
    """Hold the machine's lock; say who has it, and wait, if not we. The kernel frees it when we die."""
    with file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(
                f"another start or stop of the embedded cluster is running ({_holder(file)}); waiting for it"
            )
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(f"pid {os.getpid()}")
        handle.flush()
        yield
        handle.truncate(0)


def _holder(file: Path) -> str:
    return file.read_text().strip() or "pid unknown"


def require_free(ports: Iterable[int], ours: Iterable[int]) -> None:
    """Refuse ports that a process other than `ours` listens on.

    Raises ClusterError naming port, pid and program of each.
    """
    wanted, own = set(ports), set(ours)
    listening = [link for link in psutil.net_connections(kind="tcp") if link.status == psutil.CONN_LISTEN]
    taken = {
        (link.laddr.port, link.pid or 0)
        for link in listening
        if link.laddr and link.laddr.port in wanted and link.pid not in own
    }
    if taken:
        raise ClusterError("\n".join(_complaint(port, pid) for port, pid in sorted(taken)))


def _complaint(port: int, pid: int) -> str:
    program = " ".join(process.command_line(pid))[:120] if pid else "unknown"
    return f"port {port}: expected free for the embedded cluster, got pid {pid} ({program}); end that program"
