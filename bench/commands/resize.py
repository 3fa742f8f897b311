"""`python -m bench resize STACK --cpu 1`: a running pod gets another CPU limit, and what it gains."""

import argparse
from collections.abc import Sequence

from bench.commands.numbers import Number
from bench.errors import OptionError
from bench.load import k6
from bench.records.estimates import over_runs
from bench.records.profile import Closed
from bench.records.ranges import Range
from bench.subject import payloads
from bench.subject.deployed import connect
from bench.subject.target import aim, chosen
from bench.trial.resizing import SETTLE_SECONDS, Look, gains, measure
from stack.quantities import Cpu, millicores
from stack.servers import SERVERS

USERS = Range(1, 100, "users", whole=True)
REPEATS = Range(1, 20, "turns", whole=True)
SECONDS = Range(SETTLE_SECONDS + 2, 300, "s")
HEADER = (
    *("CPU limit", "quota", "after", "cores used", "throttled", "requests/s", "p50", "failed", "restarts"),
    "threads by process",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `resize`."""
    command.add_argument("stack", help="a Pulumi stack with one pod of each server")
    command.add_argument(
        "--cpu",
        required=True,
        action="append",
        help="a limit, such as 1 or 1500m, to compare with the stack's own; twice: with each other",
    )
    command.add_argument("--server", choices=SERVERS, help="default: each of the stack in turn")
    command.add_argument("--users", type=Number("--users", USERS), default=4, help="closed load; default 4")
    command.add_argument(
        "--seconds", type=Number("--seconds", SECONDS), default=15, help="of each load; default 15"
    )
    command.add_argument(
        "--repeats", type=Number("--repeats", REPEATS), default=3, help="turns of both limits; default 3"
    )


def run(options: argparse.Namespace) -> int:
    """Print a line for each look, then the gain; 1 if a pod restarted. Raises what its parts raise."""
    asked, stack = [_quantity(each) for each in options.cpu], connect(options.stack)
    if len(asked) > 2:
        raise OptionError(f"--cpu: expected one limit or two, got {len(asked)}; leave some out")
    photos = payloads.choose(payloads.FOLDER, seed=0)
    k6.obtain()
    first, second = [stack.settings.resources.cpu_limit, *asked][-2:]
    if millicores(first) == millicores(second):
        raise OptionError(f"--cpu: expected another limit than {first}, got {second}; choose another")
    load = Closed(options.users, options.seconds, 0.0)
    restarted = False
    for endpoint in chosen(stack.outputs, options.server):
        print(f"{endpoint.server} of {options.stack}\n  {_columns(HEADER)}", flush=True)
        looks = measure(aim(stack, endpoint, photos), (first, second), load, options.repeats, show)
        print(f"  {told(looks)}\n", flush=True)
        restarted = restarted or any(look.restarts for look in looks)
    return 1 if restarted else 0


def show(look: Look) -> None:
    """A line of the table."""
    print(f"  {_columns(_row(look))}", flush=True)


def _quantity(text: str) -> str:
    try:
        return Cpu().read(text)
    except ValueError as error:
        raise OptionError(f"--cpu: expected {Cpu().expected}, got {text}; {error}") from error


def told(looks: Sequence[Look]) -> str:
    """The gain beside what the limits alone would give."""
    first, second = looks[0].limit, next(each.limit for each in looks if each.limit != looks[0].limit)
    found, turns = gains(looks), len(looks) // 2
    where = f"over {len(found)} of {turns} turns, those in which both limits were used up"
    if not found:
        return f"{first} → {second}: in none of {turns} turns were both limits used up, so nothing is known"
    gain, by_limits = over_runs(found), millicores(second) / millicores(first)
    between = "" if gain.low is None else f" [{gain.low:.2f}, {gain.high:.2f}]"
    return (
        f"{first} → {second}, {by_limits:.2f} × the CPU: {gain.value:.2f}{between} × the requests/s {where}"
    )


def _row(look: Look) -> tuple[str, ...]:
    threads = ", ".join(f"{name}: {count}" for name, count in sorted(look.threads.items()))
    return (
        look.limit,
        f"{look.cores:g}" if look.cores else "none",
        f"{look.followed:.1f} s",
        f"{look.used:.2f}",
        f"{100 * look.throttled:.0f} %",
        f"{look.rate:.1f}",
        f"{look.p50_millis:.1f} ms",
        str(look.failed),
        str(look.restarts),
        threads,
    )


def _columns(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(len(title)) for cell, title in zip(cells, HEADER, strict=True)).rstrip()
