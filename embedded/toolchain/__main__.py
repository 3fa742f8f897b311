"""`python -m embedded.toolchain [PROGRAM …]`: install the toolchain, or the named programs, and list them."""

import argparse
import sys

from embedded.toolchain import ToolchainError, ensure, inventory


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m embedded.toolchain", description=__doc__)
    parser.add_argument("program", nargs="*", help="default: all but those built on demand")
    parser.add_argument("--list", action="store_true", help="install nothing, list what is there")
    arguments = parser.parse_args()
    try:
        if not arguments.list:
            ensure(arguments.program or None)
    except ToolchainError as error:
        print(f"toolchain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "toolchain: stopped; finished programs are kept, the next run goes on from there", file=sys.stderr
        )
        return 130
    for source in inventory():
        print(f"{source.name:28} {source.version:28} {source.origin:40} {source.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
