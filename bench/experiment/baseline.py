"""What decode and model cost without a server, in a process inside a serving pod, which is idle meanwhile."""

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.errors import OptionError, TargetError
from bench.experiment import timing
from bench.experiment.inprocess import Job, Timing
from bench.experiment.timing import Timed
from bench.queueing.limit import PERIOD_MILLIS
from bench.records import store
from bench.records.baseline import SCHEMA, Baseline, ServiceTime
from bench.records.ranges import Range
from bench.records.store import RESULTS
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from stack.files import ROOT
from stack.outputs import Endpoint
from stack.quantities import millicores
from stack.servers import SERVERS, serving
from stack.servers.server import InProcess, ServerOf
from stack.settings import Settings

ARTIFACTS = ROOT / "artifacts"
ROWS = (1, 2, 4, 8, 16, 32)
MOST_ROWS = 256
SECONDS = 6.0  # for all numbers of rows together
SPANS = Range(0, 300, "s", above=True)
BLOCKS = Range(0, 100, whole=True)
START_SECONDS = 60  # at most, to start the runtime and load the model


S = TypeVar("S")


def bad_rows(got: str) -> OptionError:
    """The error of a list of rows that cannot be measured."""
    return OptionError(f"--rows: expected numbers 1–{MOST_ROWS}, got {got}; use 1,2,4,8,16,32")


@dataclass(frozen=True)
class Wish:
    """What to measure, and for which arm and block of an experiment. `seconds` for all `rows` together.

    Raises OptionError out of bounds.
    """

    experiment: str
    arm: str
    block: int = 0
    rows: tuple[int, ...] = ROWS
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        store.folder_of(RESULTS, self.experiment)
        if not self.arm or self.arm.startswith(".") or Path(self.arm).name != self.arm:
            raise OptionError(f"--arm: expected a stack or its twin, got {self.arm!r}; leave it out")
        if self.block not in BLOCKS:
            raise OptionError(BLOCKS.refusal("--block", self.block))
        if not self.rows or not all(1 <= each <= MOST_ROWS for each in self.rows):
            raise bad_rows(",".join(map(str, self.rows)) or "none")
        if self.seconds not in SPANS:
            raise OptionError(SPANS.refusal("--seconds", f"{self.seconds:g}"))


def measure(
    stack: Deployed,
    endpoint: Endpoint,
    photos: Sequence[Photo],
    wish: Wish,
    artifacts: Path = ARTIFACTS,
) -> Baseline:
    """Service times in process, in a ready pod of the server. Raises TargetError, ClusterError."""
    server = serving(endpoint.model)[endpoint.server]
    told = job(stack.settings, server, photos, wish)
    pod = timing.ready_pod(stack, endpoint)
    run = in_process(server)
    exported = artifacts / run.exported / run.file(stack.settings.of(server))
    timed = timing.timed(stack.cluster, pod, told, exported)
    held = timed.report.resident_mebibytes
    print(f"{endpoint.server}: timed in {timed.where}; the process held {held} MiB", file=sys.stderr)
    return record(stack, endpoint, wish, timed)


def in_process(server: ServerOf[S]) -> InProcess[S]:
    """How the server's model runs without it. Raises TargetError where it does not."""
    if server.in_process is None:
        raise TargetError(f"{server.name}: expected a model that runs without its server; leave it out")
    return server.in_process


def job(wanted: Settings, server: ServerOf[S], photos: Sequence[Photo], wish: Wish) -> Job:
    """What the script is told: the server's model, with the server's threads. Raises TargetError."""
    run = in_process(server)
    intra, inter = run.threads(wanted.of(server))
    file = run.file(wanted.of(server))
    return Job(
        module=run.module,
        loader=run.loader.read_text(),
        model=f"{run.model}/{file}" if file else run.model,
        intra_threads=intra,
        inter_threads=inter,
        rows=list(wish.rows),
        seconds=wish.seconds / len(wish.rows),
        most_seconds=START_SECONDS + round(2 * wish.seconds),
        photos=[base64.b64encode(photo.content).decode() for photo in photos],
    )


def record(stack: Deployed, endpoint: Endpoint, wish: Wish, timed: Timed) -> Baseline:
    """What is kept of it."""
    report = timed.report
    cores = 1 if SERVERS[endpoint.server].shared_pool else report.threads
    share = millicores(stack.settings.resources.cpu_limit) / 1000 / cores if timed.in_pod else 1.0
    return Baseline(
        schema=SCHEMA,
        experiment=wish.experiment,
        arm=wish.arm,
        stack=stack.outputs.stack,
        server=endpoint.server,
        block=wish.block,
        runtime=report.runtime,
        threads=report.threads,
        where=timed.where,
        times=tuple(
            ServiceTime(each.rows, each.calls, each.p50_millis) for each in undisturbed(report.times, share)
        ),
    )


def undisturbed(times: Sequence[Timing], share: float) -> Sequence[Timing]:
    """Those whose median says how long a call takes, and not how long the pod's CPU limit stops it.

    Of each period the process runs for this `share`, then it stands, unless it is 1 or more. A call that
    needs more than half of that is interrupted more often than not. The fewest rows are kept in any case.
    """
    known = [each for each in times if share >= 1 or each.p50_millis <= share * PERIOD_MILLIS / 2]
    kept = known or sorted(times, key=lambda each: each.rows)[:1]
    left = ", ".join(str(each.rows) for each in times if each not in kept)
    if left:
        print(f"  left out, as the pod's CPU limit interrupts them: {left} photos at once", file=sys.stderr)
    return kept


def keep(results: Path, made: Baseline) -> Path:
    """Keep a record as a run of its arm; returns the folder. Raises WriteError."""
    now = datetime.now(UTC)
    folder = store.create(
        results, made.experiment, made.arm, f"{now:%Y%m%dT%H%M%S%fZ}-{made.server}-baseline"
    )
    store.keep(folder, store.BASELINE, made)
    return folder
