"""`python -m bench verify`: compare a stack's settings with what its pods really do."""

import argparse

from bench import findings, inspect, stack, verify
from stack import settings


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `verify`."""
    command.add_argument("stack", nargs="?", help="a Pulumi stack; default: the selected one")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print every finding; 1 if one differs. Raises BenchError."""
    outputs = stack.read(options.stack)
    blocks = verify.verify(outputs, settings.read(outputs.settings), inspect.observe(outputs))
    print(findings.as_json(outputs.stack, blocks) if options.json else findings.as_table(blocks))
    return 0 if all(block.ok for block in blocks) else 1
