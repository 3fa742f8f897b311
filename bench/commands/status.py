"""`python -m bench status`: every autoscaler, and why a metric is unknown."""

import argparse

from bench import autoscalers
from bench.deployed import connect


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `status`."""
    command.add_argument("stack", nargs="?", help="a Pulumi stack; default: all of the local cluster")


def run(options: argparse.Namespace) -> int:
    """Print a line for each. Raises ClusterError if the cluster of a named stack does not answer."""
    print(autoscalers.report(connect(options.stack) if options.stack else None))
    return 0
