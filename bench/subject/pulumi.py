"""Stacks come up and go, for experiments."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.errors import StackUnavailableError
from stack import pulumi
from stack.pulumi import PulumiError


def up(stack: str) -> None:
    """Raises StackUnavailableError."""
    with _translated():
        pulumi.do("up", stack, "--yes", "--skip-preview")


def destroy(stack: str) -> None:
    """Whatever an earlier command left, killed or not, is gone. Raises StackUnavailableError."""
    with _translated():
        pulumi.run([sys.executable, "-m", "infra.destroy", stack, "--yes"], stack)


@contextmanager
def initialised(stack: str) -> Iterator[None]:
    """The stack exists; one that did not before is removed at the end. Raises StackUnavailableError."""
    with _translated():
        made = pulumi.ensure(stack)
    try:
        yield
    finally:
        if made:
            _forget(stack)


def _forget(stack: str) -> None:
    """Remove a stack; one that still holds something stays, and that is said."""
    try:
        pulumi.do("stack rm", stack, "--yes", "--preserve-config")
    except PulumiError as error:
        print(f"{stack} stays: {error}", file=sys.stderr)


@contextmanager
def _translated() -> Iterator[None]:
    """What Pulumi cannot do is one of the bench's errors."""
    try:
        yield
    except PulumiError as error:
        raise StackUnavailableError(str(error)) from error
