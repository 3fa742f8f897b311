"""Time decode and model without a server. `bench.timing` runs this file's text inside a serving container.

Hence Python 3.9 and no import of the product. One line of JSON, a `Job`, comes in by standard input; the last
line that is printed is the `Report`.
"""

from __future__ import annotations

import base64
import itertools
import json
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

ROUNDS = 4
LEAST_CALLS = 2  # in each round

Call = Callable[[Sequence[bytes]], object]


@dataclass(frozen=True)
class Job:
    """What to time: `model`, a path, as the text of `loader` loads it with `module`.

    `photos` are standard base64.
    Threads as the server has them; 0: as many as CPUs are seen. `seconds` is for each number of rows; after
    `most_seconds` the process ends, even if nobody waits for it any more.
    """

    module: str
    loader: str
    model: str
    intra_threads: int
    inter_threads: int
    rows: list[int]
    seconds: float
    most_seconds: int
    photos: list[str]


@dataclass(frozen=True)
class Timing:
    """Whole calls for so many rows at once."""

    rows: int
    calls: int
    p50_millis: float


@dataclass(frozen=True)
class Report:
    """What came of a job. `threads` within an operation; `resident_mebibytes` at the most."""

    runtime: str
    threads: int
    resident_mebibytes: int
    times: list[Timing]


@dataclass(frozen=True)
class Runtime:
    """A loaded model."""

    name: str
    threads: int
    call: Call


def run(job: Job) -> Report:
    """Load the model, time it."""
    signal.alarm(job.most_seconds)
    photos = [base64.b64decode(photo) for photo in job.photos]
    with tempfile.TemporaryDirectory() as scratch:
        runtime = loaded(job, Path(scratch))
        times = timed(runtime.call, photos, job.rows, job.seconds)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Report(runtime.name, runtime.threads, resident, times)


def loaded(job: Job, scratch: Path) -> Runtime:
    """What the loader's `load(model, intra_threads, inter_threads, scratch)` returns."""
    names: dict[str, object] = {"__name__": "loader"}
    exec(job.loader, names)
    load = cast("Callable[[str, int, int, Path], tuple[str, int, Call]]", names["load"])
    return Runtime(*load(job.model, job.intra_threads, job.inter_threads, scratch))


def timed(call: Call, photos: Sequence[bytes], sizes: Sequence[int], seconds: float) -> list[Timing]:
    """The median call for each number of rows; each call takes the next photos.

    All sizes take turns, so that what else the machine does meets them alike; the first round is warm-up.
    """
    turns = itertools.cycle(photos)
    millis: dict[int, list[float]] = {rows: [] for rows in sizes}
    for number in range(ROUNDS):
        for rows, known in millis.items():
            taken = _calls(call, turns, rows, seconds / ROUNDS)
            known.extend(taken if number else ())
    return [Timing(rows, len(known), round(statistics.median(known), 4)) for rows, known in millis.items()]


def _calls(call: Call, photos: Iterator[bytes], rows: int, seconds: float) -> list[float]:
    """Milliseconds of each call in a stretch of time, of two at least."""
    start, millis = time.perf_counter(), list[float]()
    while len(millis) < LEAST_CALLS or time.perf_counter() - start < seconds:
        batch = list(itertools.islice(photos, rows))
        before = time.perf_counter()
        call(batch)
        millis.append(1000 * (time.perf_counter() - before))
    return millis


if __name__ == "__main__":
    print(json.dumps(asdict(run(Job(**json.loads(sys.stdin.readline()))))))
