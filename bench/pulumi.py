"""Plain Pulumi commands on a stack, for experiments."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench.stack import ROOT, StackUnavailableError

TAIL = 12  # lines of what Pulumi said that an error repeats


def up(stack: str) -> None:
    """Raises StackUnavailableError."""
    _pulumi("up", "--yes", "--skip-preview", "--stack", stack)


def destroy(stack: str) -> None:
    """Raises StackUnavailableError."""
    _pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)


@contextmanager
def initialised(stack: str) -> Iterator[None]:
    """The stack exists; one that did not before is removed at the end, and its file is as it was."""
    known = {each["name"].rpartition("/")[2] for each in json.loads(_pulumi("stack", "ls", "--json"))}
    if stack in known:
        yield
        return
    file = ROOT / f"Pulumi.{stack}.yaml"
    content = file.read_bytes()
    try:
        _pulumi("stack", "init", stack, "--no-select")
        yield
    finally:
        try:
            _pulumi("stack", "rm", "--yes", "--preserve-config", "--stack", stack)
        finally:
            file.write_bytes(content)


def _pulumi(*arguments: str) -> str:
    """Standard output. Its own session: Ctrl-C is the caller's to act on, never half an `up`."""
    command = ["pulumi", "--non-interactive", *arguments]
    try:
        answer = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, start_new_session=True
        )
    except FileNotFoundError as error:
        raise StackUnavailableError("pulumi is not on PATH; run: . .venv/bin/activate") from error
    if answer.returncode:
        said = "\n".join((answer.stdout + answer.stderr).strip().splitlines()[-TAIL:])
        raise StackUnavailableError(f"pulumi {' '.join(arguments)} failed:\n{said}")
    return answer.stdout
