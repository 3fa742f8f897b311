"""What the processes of a command take while it runs."""

import threading
import time
from collections.abc import Callable

import psutil

from bench.records.fleet import Command

POLL_SECONDS = 0.2
MEBIBYTE = 2**20


def during(work: Callable[[], None]) -> Command:
    """Do some work; how long it took, and the memory of all processes below this one meanwhile."""
    most: dict[str, float] = {}
    total, done, start = [0.0], threading.Event(), time.monotonic()

    def follow() -> None:
        while not done.wait(POLL_SECONDS):
            now = resident()
            total[0] = max(total[0], sum(now.values()))
            most.update({name: max(size, most.get(name, 0.0)) for name, size in now.items()})

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        work()
    finally:
        done.set()
        follower.join()
    return Command(
        round(time.monotonic() - start, 1), round(total[0]), {n: round(s) for n, s in most.items()}
    )


def resident() -> dict[str, float]:
    """MiB that the processes below this one hold now, by program."""
    found: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            name, size = process.name(), process.memory_info().rss / MEBIBYTE
        except psutil.Error:  # it has ended
            continue
        found[name] = found.get(name, 0.0) + size
    return found
