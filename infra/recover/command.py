"""What the commands on a stack have in common: their arguments, and what they say when they fail."""

import argparse
import sys
from collections.abc import Callable

from infra.recover.damage import Agree
from infra.recover.errors import RecoverError
from stack import near
from stack.pulumi import PulumiError
from stack.schema import SettingsError


def run(name: str, about: str | None, action: Callable[[str, Agree], None]) -> int:
    """Carry one command out on the stack that the command line names; its exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m infra.{name}", description=about)
    parser.add_argument("stack", nargs="?", default="minikube", help="default: minikube")
    parser.add_argument("--yes", action="store_true", help="restore and adopt without asking")
    options = parser.parse_args()
    near.keep()
    try:
        action(options.stack, agreement(yes=options.yes))
    except (PulumiError, RecoverError, SettingsError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def agreement(*, yes: bool) -> Agree:
    """Who is asked before a state is replaced: the user, and where nobody can answer it is no."""

    def ask(question: str) -> bool:
        return sys.stdin.isatty() and input(f"recover: {question} [y/N] ").strip().lower() in ("y", "yes")

    return (lambda _: True) if yes else ask
