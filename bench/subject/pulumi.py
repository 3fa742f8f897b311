"""Plain Pulumi commands on a stack, for experiments."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from base.children import tied
from bench.errors import StackUnavailableError
from stack import files
from stack.files import ROOT

TAIL = 12  # lines of what a command said that an error repeats


def up(stack: str) -> None:
    """Raises StackUnavailableError."""
    _pulumi("up", "--yes", "--skip-preview", "--stack", stack)


def destroy(stack: str) -> None:
    """Raises StackUnavailableError."""
    _pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)


def clean(stack: str) -> None:
    """Whatever an earlier command left, killed or not, is gone. Raises StackUnavailableError."""
    _run([sys.executable, "-m", "infra.recover", stack])
    destroy(stack)


@contextmanager
def initialised(stack: str) -> Iterator[None]:
    """The stack exists; one that did not before is removed at the end. Its file is then as it was."""
    known = {each["name"].rpartition("/")[2] for each in json.loads(_pulumi("stack", "ls", "--json"))}
    file = files.path(stack, ROOT)
    content = file.read_bytes()
    try:
        if stack not in known:
            _pulumi("stack", "init", stack, "--no-select")
        yield
    finally:
        if stack not in known:
            _forget(stack)
        file.write_bytes(content)


def _forget(stack: str) -> None:
    """Remove a stack; one that still holds something stays, and that is said."""
    try:
        _pulumi("stack", "rm", "--yes", "--preserve-config", "--stack", stack)
    except StackUnavailableError as error:
        print(f"{stack} stays: {error}", file=sys.stderr)


def _pulumi(*arguments: str) -> str:
    return _run(["pulumi", "--non-interactive", *arguments])


def _run(command: Sequence[str]) -> str:
    """Standard output. Ctrl-C waits for the command's end, so that no `up` is left half done."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        code = _patiently(command, out, err)
        out.seek(0)
        err.seek(0)
        said, complaint = out.read(), err.read()
    if code:
        told = "\n".join((said + complaint).strip().splitlines()[-TAIL:])
        raise StackUnavailableError(f"{' '.join(command)} failed:\n{told}")
    return said


def _patiently(command: Sequence[str], out: IO[str], err: IO[str]) -> int:
    interrupted = False
    try:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=tied(signal.SIGINT),  # on which Pulumi ends what it has begun and records it
        )
    except FileNotFoundError as error:
        raise StackUnavailableError(f"{command[0]} is not on PATH; run: . .venv/bin/activate") from error
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
            print(f"waiting until {' '.join(command[:3])} … has ended", file=sys.stderr, flush=True)
    if interrupted:
        raise KeyboardInterrupt
    return process.returncode
