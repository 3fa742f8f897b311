"""`python -m embedded.fleet {start PLAN,status,stop}`: simulated nodes on the embedded cluster.

Karpenter orders nodes of the kind that a plan of `bench size --json` fills, at its price and in three zones;
kwok plays their kubelets. They are tainted, so that only pods go there whose stack says so. They show
scheduling and cost: nothing runs on them, and no latency can be measured there.
"""

import argparse
import sys
from pathlib import Path

from embedded import cluster, fleet, mirror, toolchain

ERRORS = (cluster.ClusterError, fleet.FleetError, mirror.MirrorError, toolchain.ToolchainError)


def main(words: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(
        prog="python -m embedded.fleet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    starting = commands.add_parser("start", help="let Karpenter order simulated nodes")
    starting.add_argument("plan", type=Path, metavar="PLAN", help="what bench size --json printed")
    commands.add_parser("status", help="programs and nodes")
    commands.add_parser("stop", help="take all of it away")
    options = parser.parse_args(words)
    try:
        _run(options)
    except ERRORS as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


def _run(options: argparse.Namespace) -> None:
    match options.command:
        case "start":
            fleet.start(fleet.read(options.plan))
        case "status":
            print(fleet.status())
        case "stop":
            fleet.stop()


if __name__ == "__main__":
    sys.exit(main())
