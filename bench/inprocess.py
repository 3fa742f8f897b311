"""Time decode and model without a server. `bench.timing` runs this file's text inside a serving container.

Hence Python 3.9 and no import of the product. One line of JSON, a `Job`, comes in by standard input; the last
line that is printed is the `Report`.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import itertools
import json
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol, cast

ROUNDS = 4
LEAST_CALLS = 2  # in each round

Call = Callable[[Sequence[bytes]], object]


@dataclass(frozen=True)
class Job:
    """What to time. `model`: the SavedModel's base path, or the model archive; `photos` are standard base64.

    Threads as the server has them; 0: as many as CPUs are seen. `seconds` is for each number of rows; after
    `most_seconds` the process ends, even if nobody waits for it any more.
    """

    server: str
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


class Handler(Protocol):
    """What the archive's handler offers."""

    def initialize(self, context: SimpleNamespace) -> None: ...
    def preprocess(self, data: list[dict[str, bytes]]) -> tuple[object, list[str]]: ...
    def inference(self, tensors: object) -> object: ...


def run(job: Job) -> Report:
    """Load the model, time it."""
    signal.alarm(job.most_seconds)
    photos = [base64.b64decode(photo) for photo in job.photos]
    with tempfile.TemporaryDirectory() as scratch:
        runtime = RUNTIMES[job.server](job, Path(scratch))
        times = timed(runtime.call, photos, job.rows, job.seconds)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Report(runtime.name, runtime.threads, resident, times)


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


def tensorflow(job: Job, _: Path) -> Runtime:
    """The newest version's serving signature in a session, as the server runs it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # or the import brings Keras, which nothing needs
    import tensorflow as tf  # type: ignore[import-untyped]  # noqa: PLC0415  # only one of the runtimes is here

    v1, versions = tf.compat.v1, (each.name for each in Path(job.model).iterdir())
    newest = max(int(name) for name in versions if name.isdigit())
    config = v1.ConfigProto(
        intra_op_parallelism_threads=job.intra_threads, inter_op_parallelism_threads=job.inter_threads
    )
    session = v1.Session(graph=tf.Graph(), config=config)
    with session.graph.as_default():
        loaded = v1.saved_model.load(session, ["serve"], str(Path(job.model) / str(newest)))
    signature = loaded.signature_def["serving_default"]
    (images,) = signature.inputs.values()
    outputs = [each.name for each in signature.outputs.values()]
    call = session.make_callable(outputs, feed_list=[images.name])
    return Runtime(f"TensorFlow {tf.__version__}", job.intra_threads or len(os.sched_getaffinity(0)), call)


def torchserve(job: Job, scratch: Path) -> Runtime:
    """The archive's own handler, initialised as in a worker: its preprocessing and its model."""
    os.environ["OMP_NUM_THREADS"] = str(job.intra_threads)  # read at the import, and by the handler
    import torch  # noqa: PLC0415  # only one of the runtimes is here

    zipfile.ZipFile(job.model).extractall(scratch)
    sys.path.insert(0, str(scratch))
    manifest = json.loads((scratch / "MAR-INF" / "MANIFEST.json").read_text())
    module = importlib.import_module(Path(manifest["model"]["handler"]).stem)
    classes = [found for _, found in inspect.getmembers(module, inspect.isclass)]
    (kind,) = (each for each in classes if each.__module__ == module.__name__)
    handler = cast("Handler", kind())
    handler.initialize(SimpleNamespace(system_properties={"model_dir": str(scratch)}, manifest=manifest))

    def call(photos: Sequence[bytes]) -> object:
        tensors, _ = handler.preprocess([{"body": photo} for photo in photos])
        return handler.inference(tensors)

    return Runtime(f"PyTorch {torch.__version__}", torch.get_num_threads(), call)


RUNTIMES = {"tensorflow": tensorflow, "torchserve": torchserve}


if __name__ == "__main__":
    print(json.dumps(asdict(run(Job(**json.loads(sys.stdin.readline()))))))
