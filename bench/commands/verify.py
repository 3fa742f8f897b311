"""`python -m bench verify`: compare a stack's settings with what its pods really do."""

import argparse
from collections.abc import Callable

from bench import findings, inspect, verify
from bench.deployed import Deployed, connect
from bench.inspect import Observation


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `verify`."""
    command.add_argument("stack", nargs="?", help="a Pulumi stack; default: the selected one")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(
    options: argparse.Namespace,
    connect: Callable[[str | None], Deployed] = connect,
    observe: Callable[[Deployed], Observation] = inspect.observe,
) -> int:
    """Print every finding; 1 if one differs. Raises BenchError."""
    stack = connect(options.stack)
    blocks = verify.verify(stack.outputs, stack.settings, observe(stack))
    print(findings.as_json(stack.outputs.stack, blocks) if options.json else findings.as_table(blocks))
    return 0 if all(block.ok for block in blocks) else 1
