"""`python -m bench baseline`: what decode and model cost without a server, in a process inside a serving pod.

The pod has to be idle meanwhile: both share its CPU limit.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.commands.numbers import Number
from bench.experiment.baseline import BLOCKS, ROWS, SECONDS, SPANS, Wish, bad_rows, keep, measure
from bench.records.baseline import Baseline
from bench.records.store import RESULTS
from bench.subject import payloads
from bench.subject.deployed import Deployed, connect
from bench.subject.target import chosen
from stack.servers import SERVERS


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `baseline`."""
    command.add_argument("stack", help="a Pulumi stack, idle meanwhile")
    command.add_argument("--server", choices=SERVERS, help="default: each of the stack in turn")
    command.add_argument("--experiment", default="single", help="folder below results/; default: single")
    command.add_argument("--arm", help="arm of the experiment; default: the stack")
    command.add_argument(
        "--block", type=Number("--block", BLOCKS), default=0, help="block of the experiment; default: 0, none"
    )
    command.add_argument(
        "--rows", default=",".join(map(str, ROWS)), help="photos at once; default: 1,2,4,8,16,32"
    )
    command.add_argument(
        "--seconds", type=Number("--seconds", SPANS), default=SECONDS, help=f"in all; default: {SECONDS:g}"
    )
    command.add_argument("--json", action="store_true", help="print the records as JSON")


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in text.split(","))
    except ValueError as error:
        raise bad_rows(text) from error


@dataclass(frozen=True)
class World:
    """Where records go, and what a measurement needs of the world."""

    results: Path = RESULTS
    connect: Callable[[str], Deployed] = connect
    photos: Path = payloads.FOLDER


WORLD = World()


def run(options: argparse.Namespace, world: World = WORLD) -> int:
    """Measure and keep. Raises what its parts raise."""
    arm, rows = options.stack if options.arm is None else options.arm, _numbers(options.rows)
    wish = Wish(options.experiment, arm, options.block, rows, options.seconds)
    photos = payloads.choose(world.photos, seed=0)
    stack = world.connect(options.stack)
    made = []
    for endpoint in chosen(stack.outputs, options.server):
        made.append(measure(stack, endpoint, photos, wish))
        print(f"{endpoint.server}: kept in {keep(world.results, made[-1])}", file=sys.stderr)
    print(json.dumps([asdict(each) for each in made], indent=2) if options.json else shown(made))
    return 0


def shown(made: Sequence[Baseline]) -> str:
    """A paragraph for each record."""
    return "\n\n".join("\n".join(_lines(each)) for each in made)


def _lines(made: Baseline) -> Iterator[str]:
    yield f"{made.stack} / {made.server}: {made.runtime}, {made.threads} threads, in {made.where}"
    for each in made.times:
        share = each.p50_millis / each.rows
        yield f"  {each.rows:>3} at once: {each.p50_millis:7.2f} ms, {share:5.2f} ms each, {each.calls} calls"
