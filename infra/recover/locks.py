"""Locks of a stack that a killed Pulumi left in a file backend."""

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from infra.recover.backend import Folder
from infra.recover.errors import RecoverError

PATIENCE = 600.0  # seconds: as long as Pulumi itself waits for one object
PROC = Path("/proc")


@dataclass(frozen=True)
class Lock:
    """Who holds, or held, a stack; `pid` 0 where the lock's file cannot be read."""

    file: Path
    pid: int = 0
    user: str = ""
    host: str = ""
    since: str = ""

    def __str__(self) -> str:
        return f"pid {self.pid} of {self.user}@{self.host}, since {self.since}"


def read(file: Path) -> Lock:
    """A lock file; also one that is damaged."""
    try:
        held = json.loads(file.read_bytes())
        return Lock(
            file, int(held["pid"]), *(str(held[key]) for key in ("username", "hostname", "timestamp"))
        )
    except (ValueError, KeyError, TypeError):
        return Lock(file, host=socket.gethostname())


def is_dead(lock: Lock, here: str | None = None) -> bool:
    """Whether the Pulumi that took the lock on this machine is gone; another machine's counts as alive."""
    return lock.host == (here or socket.gethostname()) and not is_pulumi(lock.pid)


def is_pulumi(pid: int) -> bool:
    """Whether a process lives and, as far as this system tells, is Pulumi: numbers are used again."""
    try:
        os.kill(pid, 0) if pid > 0 else os.kill(2**31 - 1, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    name = PROC / str(pid) / "comm"
    return not name.exists() or name.read_text().startswith("pulumi")


def release(folder: Folder, stack: str, patience: float = PATIENCE) -> None:
    """Drop dead locks and wait for living ones of this machine. Raises RecoverError for what stays."""
    end, told = time.monotonic() + patience, False
    while held := _living(folder, stack):
        others = [lock for lock in held if lock.host != socket.gethostname()]
        if others:
            raise RecoverError(
                f"{stack} is locked by {others[0]}, another machine: left alone; if its Pulumi has ended: "
                f"pulumi cancel --stack {stack}"
            )
        if time.monotonic() > end:
            raise RecoverError(
                f"{stack} is locked by {held[0]}, which is still at work; end it: kill {held[0].pid}"
            )
        if not told:
            print(
                f"recover: {stack} is locked by {held[0]}, which is at work; waiting until it ends",
                flush=True,
            )
        told = True
        time.sleep(0.5)


def _living(folder: Folder, stack: str) -> list[Lock]:
    """Those that are held; the files of the others are removed."""
    found = [read(file) for file in folder.locks(stack)]
    for lock in found:
        if is_dead(lock):
            whose = f"of {lock}" if lock.pid else "that cannot be read"
            print(f"recover: {stack}: the lock {whose}, is a dead Pulumi's; removed", flush=True)
            lock.file.unlink(missing_ok=True)
    return [lock for lock in found if not is_dead(lock)]


__all__ = ["PATIENCE", "Lock", "is_dead", "read", "release"]
