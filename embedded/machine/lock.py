"""One run at a time installs for a user; the others wait and say for whom."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

Say = Callable[[str], None]

_POLL_SECONDS = 0.2
_REMIND_SECONDS = 30.0


@contextmanager
def exclusive(file: Path, say: Say, work: str = "installs programs") -> Iterator[None]:
    """Hold the lock; the kernel frees it when its holder dies, however it dies. `work` is what it guards."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as handle:
        _acquire(handle, say, work)
        try:
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            yield
        finally:
            handle.truncate(0)


def _acquire(handle: IO[str], say: Say, work: str) -> None:
    start = time.monotonic()
    next_reminder = 0.0
    while not _try(handle):
        waited = time.monotonic() - start
        if waited >= next_reminder:
            say(f"waiting for another run (process {_holder(handle)}) that {work} … {waited:.0f} s")
            next_reminder = waited + _REMIND_SECONDS
        time.sleep(_POLL_SECONDS)


def _try(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(handle: IO[str]) -> str:
    handle.seek(0)
    return handle.read().strip() or "unknown"
