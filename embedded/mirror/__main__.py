"""`python -m embedded.mirror NAME…`: build images of the mirror that are not there, optional ones too."""

import argparse
import sys

from embedded import mirror, toolchain


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 the registry serves them, 1 error."""
    parser = argparse.ArgumentParser(prog="python -m embedded.mirror", description=__doc__)
    known = ", ".join(image.name for image in mirror.inventory())
    parser.add_argument("name", nargs="+", help=f"one of {known}")
    try:
        mirror.ensure(parser.parse_args(arguments).name)
    except (mirror.MirrorError, toolchain.ToolchainError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
