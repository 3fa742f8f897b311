"""CPU of the machine that the bench runs on, from Linux' /proc/stat."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.records.run import Machine

STAT = Path("/proc/stat")
NAMES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")  # proc_stat(5)
IDLE = ("idle", "iowait", "steal")


@dataclass(frozen=True)
class Clock:
    """CPU seconds since boot, of all CPUs together, and the time of the look."""

    at: float
    busy: float
    stolen: float


def look() -> Clock | None:
    """The counts of now; None on a system without /proc/stat."""
    try:
        first = STAT.read_text().splitlines()[0]
    except OSError:
        return None
    return Clock(time.monotonic(), *parse(first, os.sysconf("SC_CLK_TCK")))


def parse(line: str, ticks: int) -> tuple[float, float]:
    """Busy and stolen CPU seconds from the line `cpu`; time of guests is within `user`."""
    counts = dict(zip(NAMES, (int(word) / ticks for word in line.split()[1:]), strict=False))
    busy = sum(seconds for name, seconds in counts.items() if name not in IDLE)
    return busy, counts.get("steal", 0.0)


def used(before: Clock | None, after: Clock | None, serving: float, generator: float) -> Machine | None:
    """What the machine did between two looks; `serving` and `generator` are CPU seconds in it."""
    if before is None or after is None:
        return None
    busy = after.busy - before.busy
    return Machine(
        cpus=os.cpu_count() or 1,
        wall_seconds=round(after.at - before.at, 3),
        busy=round(busy, 3),
        serving=round(serving, 3),
        generator=round(generator, 3),
        others=round(max(0.0, busy - serving - generator), 3),
        stolen=round(after.stolen - before.stolen, 3),
    )
