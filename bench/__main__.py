"""`python -m bench`: put questions and load to a deployed stack."""

import argparse
import importlib
import signal
import sys
from collections.abc import Collection, Mapping
from typing import Protocol, cast

from base.children import WorkerLostError
from bench.errors import BenchError
from stack import near
from stack.schema import SettingsError


class Command(Protocol):
    """A module of `bench.commands`."""

    def add_arguments(self, command: argparse.ArgumentParser, /) -> None: ...
    def run(self, options: argparse.Namespace, /) -> int: ...


COMMANDS: Mapping[str, str] = {
    "predict": "ask every model server of a stack about one photo",
    "verify": "compare a stack's settings with what its pods really do",
    "status": "what is not as deployed; every autoscaler, and why a metric is unknown",
    "watch": "time a stack's autoscaling, with or without load",
    "run": "put a load on a deployed stack and keep the figures in results/",
    "resize": "another CPU limit for a running pod, in place, and what it gains by it",
    "trace": "make a trace of arrivals by seed: a day, or a flash crowd",
    "whatif": "predict in seconds what an autoscaled stack would do under a load",
    "all": "an experiment: many stacks in randomised blocks, one at a time",
    "baseline": "what decode and model cost without a server, inside its pod",
    "calibrate": "measure the load generator's own error",
    "report": "an experiment's answer as a page, from what is stored of it",
    "recommend": "write the best stack of an experiment as a stack file",
    "size": "pods, nodes and cost a month of the stacks that hold a rate, from what was measured",
    "fleet": "a plan of `size` on a cluster that orders nodes: how soon, on how many, at what cost",
    "gate": "fail if an experiment is worse than a stored report, beyond the noise",
}


def command(name: str) -> Command:
    """A command's module. Only the one that runs is imported: all of them take seconds."""
    return cast("Command", importlib.import_module(f"bench.commands.{name}"))


def parser(known: Collection[str] = COMMANDS.keys()) -> argparse.ArgumentParser:
    """The command line; `known`: the commands whose arguments it reads."""
    root = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        arguments = commands.add_parser(name, help=text)
        if name in known:
            command(name).add_arguments(arguments)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 if it could not do its work or found a mismatch."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = parser(words[:1]).parse_args(words)
        return command(options.command).run(options)
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
