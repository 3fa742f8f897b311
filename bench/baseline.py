"""`python -m bench baseline`: what decode and model cost without a server, in a process inside a serving pod.

The pod has to be idle meanwhile: both share its CPU limit.
"""

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench import payloads, timing
from bench.deployed import Deployed, connect
from bench.errors import OptionError, TargetError
from bench.inprocess import Job
from bench.payloads import Photo
from bench.records import store
from bench.records.baseline import Baseline, ServiceTime
from bench.records.experiment import SCHEMA
from bench.records.store import RESULTS
from bench.target import chosen
from bench.timing import Timed
from stack.files import ROOT
from stack.outputs import Endpoint, StackOutputs
from stack.servers import SERVERS
from stack.servers.server import InProcess, ServerOf
from stack.settings import Settings

ARTIFACTS = ROOT / "artifacts"
ROWS = (1, 2, 4, 8, 16, 32)
MOST_ROWS = 256
SECONDS = 6.0  # for all numbers of rows together
MOST_SECONDS = 300.0
START_SECONDS = 60  # at most, to start the runtime and load the model


S = TypeVar("S")


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
        if self.block < 0:
            raise OptionError(f"--block: expected 0 or more, got {self.block}; leave it out")
        if not self.rows or not all(1 <= each <= MOST_ROWS for each in self.rows):
            raise _bad_rows(",".join(map(str, self.rows)) or "none")
        if not 0 < self.seconds <= MOST_SECONDS:
            raise OptionError(
                f"--seconds: expected 0–{MOST_SECONDS:g} s, got {self.seconds:g}; choose another"
            )


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `baseline`."""
    command.add_argument("stack", help="a Pulumi stack, idle meanwhile")
    command.add_argument("--server", choices=SERVERS, help="default: each of the stack in turn")
    command.add_argument("--experiment", default="single", help="folder below results/; default: single")
    command.add_argument("--arm", help="arm of the experiment; default: the stack")
    command.add_argument("--block", type=int, default=0, help="block of the experiment; default: 0, none")
    command.add_argument(
        "--rows", default=",".join(map(str, ROWS)), help="photos at once; default: 1,2,4,8,16,32"
    )
    command.add_argument("--seconds", type=float, default=SECONDS, help=f"in all; default: {SECONDS:g}")
    command.add_argument("--json", action="store_true", help="print the records as JSON")


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in text.split(","))
    except ValueError as error:
        raise _bad_rows(text) from error


def _bad_rows(got: str) -> OptionError:
    return OptionError(f"--rows: expected numbers 1–{MOST_ROWS}, got {got}; use 1,2,4,8,16,32")


@dataclass(frozen=True)
class World:
    """Where records go, and what a measurement needs of the world."""

    results: Path = RESULTS
    connect: Callable[[str], Deployed] = connect
    photos: Path = payloads.FOLDER


WORLD = World()


def run(options: argparse.Namespace, world: World = WORLD) -> int:
    """Measure and keep. Raises what its parts raise."""
    arm, rows = options.arm or options.stack, _numbers(options.rows)
    wish = Wish(options.experiment, arm, options.block, rows, options.seconds)
    photos = payloads.choose(world.photos, seed=0)
    stack = world.connect(options.stack)
    made = []
    for endpoint in chosen(stack.outputs, options.server):
        made.append(measure(stack, endpoint, photos, wish))
        print(f"{endpoint.server}: kept in {keep(world.results, made[-1])}", file=sys.stderr)
    print(json.dumps([asdict(each) for each in made], indent=2) if options.json else shown(made))
    return 0


def measure(
    stack: Deployed,
    endpoint: Endpoint,
    photos: Sequence[Photo],
    wish: Wish,
    artifacts: Path = ARTIFACTS,
) -> Baseline:
    """Service times in process, in a ready pod of the server. Raises TargetError, ClusterError."""
    server = SERVERS[endpoint.server]
    told = job(stack.settings, server, photos, wish)
    pod = timing.ready_pod(stack, endpoint)
    timed = timing.timed(stack.cluster, pod, told, artifacts / in_process(server).exported)
    held = timed.report.resident_mebibytes
    print(f"{endpoint.server}: timed in {timed.where}; the process held {held} MiB", file=sys.stderr)
    return record(stack.outputs, endpoint, wish, timed)


def in_process(server: ServerOf[S]) -> InProcess[S]:
    """How the server's model runs without it. Raises TargetError where it does not."""
    if server.in_process is None:
        raise TargetError(f"{server.name}: expected a model that runs without its server; leave it out")
    return server.in_process


def job(wanted: Settings, server: ServerOf[S], photos: Sequence[Photo], wish: Wish) -> Job:
    """What the script is told: the server's model, with the server's threads. Raises TargetError."""
    run = in_process(server)
    intra, inter = run.threads(wanted.of(server))
    return Job(
        module=run.module,
        loader=run.loader.read_text(),
        model=run.model,
        intra_threads=intra,
        inter_threads=inter,
        rows=list(wish.rows),
        seconds=wish.seconds / len(wish.rows),
        most_seconds=START_SECONDS + round(2 * wish.seconds),
        photos=[base64.b64encode(photo.content).decode() for photo in photos],
    )


def record(outputs: StackOutputs, endpoint: Endpoint, wish: Wish, timed: Timed) -> Baseline:
    """What is kept of it."""
    report = timed.report
    return Baseline(
        schema=SCHEMA,
        experiment=wish.experiment,
        arm=wish.arm,
        stack=outputs.stack,
        server=endpoint.server,
        block=wish.block,
        runtime=report.runtime,
        threads=report.threads,
        where=timed.where,
        times=tuple(ServiceTime(each.rows, each.calls, each.p50_millis) for each in report.times),
    )


def keep(results: Path, made: Baseline) -> Path:
    """Keep a record as a run of its arm; returns the folder. Raises WriteError."""
    now = datetime.now(UTC)
    folder = store.create(
        results, made.experiment, made.arm, f"{now:%Y%m%dT%H%M%S%fZ}-{made.server}-baseline"
    )
    store.keep(folder, store.BASELINE, made)
    return folder


def shown(made: Sequence[Baseline]) -> str:
    """A paragraph for each record."""
    return "\n\n".join("\n".join(_lines(each)) for each in made)


def _lines(made: Baseline) -> Iterator[str]:
    yield f"{made.stack} / {made.server}: {made.runtime}, {made.threads} threads, in {made.where}"
    for each in made.times:
        share = each.p50_millis / each.rows
        yield f"  {each.rows:>3} at once: {each.p50_millis:7.2f} ms, {share:5.2f} ms each, {each.calls} calls"
