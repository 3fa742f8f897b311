"""`python -m embedded`: bring up, show and take away the local default of a machine without minikube."""

import argparse
import sys
from collections.abc import Callable, Mapping

from embedded import cluster, mirror, preflight, status, toolchain
from embedded.beside import BesideError, beside
from embedded.machine import environment, paths
from embedded.plugins import install


def up() -> int:
    """Tools, image services, images, cluster, plugins, environment; each does only what is missing.

    Programs are compiled beside all that waits for the network: Debian's packages, and images made of them.
    """
    with beside("embedded.toolchain", toolchain.built()) as finish:
        toolchain.ensure(toolchain.packaged())
        cluster.start_image_services()
        mirror.ensure(mirror.without_programs())
        finish()
    mirror.ensure()
    cluster.start()
    cluster.forget_outdated(mirror.served())
    install(paths.pulumi_home())
    environment.write(paths.ROOT / ".venv")
    return 0


def down() -> int:
    """The cluster and the record of what was deployed on it; caches stay."""
    cluster.stop()
    environment.forget_stacks()
    return 0


def show_status() -> int:
    """What runs, where, and whether it is upstream software."""
    print(status.render(status.gather()))
    return 0


def check() -> int:
    """What this machine lacks, in one screen; 0 if it can run the cluster."""
    report = preflight.check()
    print(preflight.render(report))
    return 0 if report.ok else 1


COMMANDS: Mapping[str, tuple[Callable[[], int], str]] = {
    "preflight": (check, "say what this machine lacks; changes nothing"),
    "up": (up, "bring everything up"),
    "down": (down, "take the cluster away"),
    "status": (show_status, "what runs, and what of it is upstream software"),
}
ERRORS = (BesideError, cluster.ClusterError, mirror.MirrorError, toolchain.ToolchainError)


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, help_) in COMMANDS.items():
        commands.add_parser(name, help=help_)
    chosen = parser.parse_args(arguments).command
    try:
        return COMMANDS[chosen][0]()
    except ERRORS as error:
        print(f"{chosen}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{chosen}: interrupted; run it again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
