"""`python -m bench`: put questions and load to a deployed stack."""

import argparse
import signal
import sys
from collections.abc import Mapping
from typing import Protocol

from base.children import WorkerLostError
from bench.commands import all as everything
from bench.commands import (
    baseline,
    calibrate,
    fleet,
    gate,
    predict,
    recommend,
    report,
    resize,
    run,
    size,
    status,
    trace,
    verify,
    watch,
    whatif,
)
from bench.errors import BenchError
from stack import near
from stack.schema import SettingsError


class Command(Protocol):
    """A module of `bench.commands`."""

    def add_arguments(self, command: argparse.ArgumentParser, /) -> None: ...
    def run(self, options: argparse.Namespace, /) -> int: ...


COMMANDS: Mapping[str, tuple[Command, str]] = {
    "predict": (predict, "ask every model server of a stack about one photo"),
    "verify": (verify, "compare a stack's settings with what its pods really do"),
    "status": (status, "what is not as deployed; every autoscaler, and why a metric is unknown"),
    "watch": (watch, "time a stack's autoscaling, with or without load"),
    "run": (run, "put a load on a deployed stack and keep the figures in results/"),
    "resize": (resize, "another CPU limit for a running pod, in place, and what it gains by it"),
    "trace": (trace, "make a trace of arrivals by seed: a day, or a flash crowd"),
    "whatif": (whatif, "predict in seconds what an autoscaled stack would do under a load"),
    "all": (everything, "an experiment: many stacks in randomised blocks, one at a time"),
    "baseline": (baseline, "what decode and model cost without a server, inside its pod"),
    "calibrate": (calibrate, "measure the load generator's own error"),
    "report": (report, "an experiment's answer as a page, from what is stored of it"),
    "recommend": (recommend, "write the best stack of an experiment as a stack file"),
    "size": (size, "pods, nodes and cost a month of the stacks that hold a rate, from what was measured"),
    "fleet": (fleet, "a plan of `size` on a cluster that orders nodes: how soon, on how many, at what cost"),
    "gate": (gate, "fail if an experiment is worse than a stored report, beyond the noise"),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (command, text) in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=text))
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 if it could not do its work or found a mismatch."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = parser().parse_args(words)
        return COMMANDS[options.command][0].run(options)
    except (BenchError, SettingsError, WorkerLostError) as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    # SIGTERM ends a load as Ctrl-C does, and so does SIGINT where a shell started this in the background
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    near.keep()
    sys.exit(main())
