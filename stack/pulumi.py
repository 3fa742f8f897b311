"""Plain Pulumi commands on this project's stacks. None of them writes a file that is tracked.

Pulumi keeps a stack's encryption salt in the stack's file, and writes it there. Our commands give it a copy
of the file instead, made anew each time: the salt is in the stack's state too, where Pulumi then finds it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from base.children import tied
from stack import files
from stack.files import ROOT

COPIES = ".stacks"  # folder of the copies
CONFIGURED = ("up", "preview", "refresh", "destroy")  # commands that read a stack's file, and may write it
FALL_BACK = {"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}
TAIL = 12  # lines of what a command said that an error repeats


LOCKED = "is currently locked by"
OTHER_PASSPHRASE, NO_PASSPHRASE = "incorrect passphrase", "passphrase must be set"


class PulumiError(Exception):
    """Pulumi is not there, or failed; the message says with what, and the fix where one is known.

    `said` is all that Pulumi printed.
    """

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


def words(command: str, stack: str, *options: str, root: Path = ROOT) -> list[str]:
    """The command line of a Pulumi command on a stack."""
    own = command not in CONFIGURED or any(each.startswith("--config-file") for each in options)
    copy = () if own else (f"--config-file={settings_copy(stack, root)}",)
    return ["pulumi", "--non-interactive", *command.split(), "--stack", stack, *copy, *options]


def settings_copy(stack: str, root: Path = ROOT) -> Path:
    """The stack's file as it is now, in a place where Pulumi may write."""
    source, copy = files.path(stack, root), files.path(stack, root / COPIES)
    copy.parent.mkdir(exist_ok=True)
    fresh = copy.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(source.read_bytes() if source.exists() else b"config: {}\n")
    fresh.replace(copy)
    return copy


def environment() -> dict[str, str]:
    """What a Pulumi command of ours runs in."""
    return {**os.environ, **FALL_BACK}


def do(command: str, stack: str, *options: str) -> str:
    """What a Pulumi command on a stack prints. Raises PulumiError."""
    return run(words(command, stack, *options), stack)


def ask(*arguments: str) -> str:
    """What a Pulumi command prints that is on no stack. Raises PulumiError."""
    return run(["pulumi", "--non-interactive", *arguments])


def ensure(stack: str) -> bool:
    """Make a stack that does not exist yet; whether it was made. Raises PulumiError."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (ROOT / "Pulumi.yaml", files.path(stack)):
            if file.exists():
                shutil.copy(file, folder)
        try:
            run(
                ["pulumi", "--non-interactive", "--cwd", folder, "stack", "init", stack, "--no-select"], stack
            )
        except PulumiError as error:
            if "already exists" in error.said or LOCKED in error.said:  # only what exists is locked
                return False
            raise
    return True


def run(command: Sequence[str], stack: str = "", variables: Mapping[str, str] | None = None) -> str:
    """Standard output of a command. Ctrl-C waits for its end, so that nothing is left half done.

    Raises PulumiError with the end of what it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        code = patiently(command, out, err, {**environment(), **(variables or {})})
        out.seek(0)
        err.seek(0)
        said, complaint = out.read(), err.read()
    if code:
        raise PulumiError(explained(said + complaint, stack, " ".join(command[:6])), said + complaint)
    return said


def patiently(
    command: Sequence[str], out: IO[str] | None, err: IO[str] | None, variables: Mapping[str, str]
) -> int:
    """Run a command to its end, also when Ctrl-C comes meanwhile; its exit code.

    With `out` None it shares our terminal, and Ctrl-C ends it in its own way. Raises PulumiError, and
    KeyboardInterrupt at the end.
    """
    interrupted = False
    try:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL if out else None,
            stdout=out,
            stderr=err,
            start_new_session=out is not None,
            preexec_fn=tied(signal.SIGINT),  # on which Pulumi ends what it has begun and records it
        )
    except FileNotFoundError as error:
        raise PulumiError(f"{command[0]} is not on PATH; run: . .venv/bin/activate") from error
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
            print(f"waiting until {' '.join(command[:3])} … has ended", file=sys.stderr, flush=True)
    if interrupted:
        raise KeyboardInterrupt
    return process.returncode


def explained(said: str, stack: str, command: str) -> str:
    """The cause and its fix where it is known, and the end of what a failed command said."""
    recover = f"make recover STACK={stack}" if stack else "make recover"
    causes = {
        OTHER_PASSPHRASE: _other_passphrase(stack),
        NO_PASSPHRASE: (
            "Pulumi encrypts secrets by a passphrase, and none is set; set PULUMI_CONFIG_PASSPHRASE_FILE to "
            "a file that holds one, always the same"
        ),
        "no stack named": f"STACK: expected a stack of yours, got {stack}; run: pulumi stack ls",
        LOCKED: f"{stack or 'the stack'} is in use by another Pulumi, or one was killed; run: {recover}",
        "unexpected end of JSON input": f"a state file is damaged; run: {recover}",
        "invalid character": f"a state file is damaged; run: {recover}",
        "failed to load checkpoint": f"a state file is damaged; run: {recover}",
        'read ".pulumi/': f"a state file is damaged; run: {recover}",
        "corrupt store": f"Pulumi's folder of states is damaged; run: {recover}",
        "snapshot integrity": f"the state of {stack} is damaged; run: {recover}",
    }
    cause = next((text for sign, text in causes.items() if sign in said), "")
    told = "\n".join((f"{command} failed:", *said.strip().splitlines()[-TAIL:]))
    return f"{cause}\n{told}" if cause else told


def _other_passphrase(stack: str) -> str:
    """Which passphrase is wrong, and what it does not fit."""
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        given, fix = "PULUMI_CONFIG_PASSPHRASE", "unset PULUMI_CONFIG_PASSPHRASE, or set it to the old one"
    else:
        given = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE", "what was typed")
        fix = f"put the old passphrase into {given}"
    file = files.path(stack)
    if file.exists() and "encryptionsalt:" in file.read_text():
        fix += f"; or, if the line encryptionsalt in {file.name} is another machine's, remove that line"
    return (
        f"{stack}: its secrets were encrypted with another passphrase than {given} has; {fix}; if it is "
        "lost, take the local cluster away and bring it up anew: make down && make up"
    )
