"""`python -m bench status`: what is not as deployed, every autoscaler, and why a metric is unknown."""

import argparse

from bench.subject import autoscalers, stacks, vertical_status
from bench.subject.cluster import contexts
from bench.subject.deployed import connect


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `status`."""
    command.add_argument("stack", nargs="?", help="a Pulumi stack; default: all of the local cluster")


def run(options: argparse.Namespace) -> int:
    """Print a line for each. Raises ClusterError if the cluster of a named stack does not answer."""
    if options.stack:
        stack = connect(options.stack)
        parts = [autoscalers.report(stack), vertical_status.report(stack)]
    else:
        known = contexts()
        told = (stacks.local_report, autoscalers.local_report, vertical_status.local_report)
        parts = [each(known) for each in told]
    print("\n\n".join(filter(None, parts)))
    return 0
