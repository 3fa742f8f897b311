"""`python -m infra.recover STACK`: mend a stack that was cut off; a healthy one is only looked at."""

import argparse
import sys

from infra.recover.errors import RecoverError
from infra.recover.mend import recover
from stack.pulumi import PulumiError
from stack.schema import SettingsError


def main() -> int:
    """Run the command; 1 if the stack could not be mended."""
    parser = argparse.ArgumentParser(prog="python -m infra.recover", description=__doc__)
    parser.add_argument("stack", nargs="?", default="minikube", help="default: minikube")
    parser.add_argument("--yes", action="store_true", help="restore a damaged state without asking")
    options = parser.parse_args()
    try:
        recover(options.stack, (lambda _: True) if options.yes else _ask)
    except (PulumiError, RecoverError, SettingsError) as error:
        print(f"recover: {error}", file=sys.stderr)
        return 1
    return 0


def _ask(question: str) -> bool:
    """The user's answer; no where nobody can answer."""
    return sys.stdin.isatty() and input(f"recover: {question} [y/N] ").strip().lower() in ("y", "yes")


if __name__ == "__main__":
    sys.exit(main())
