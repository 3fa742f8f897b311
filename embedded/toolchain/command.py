"""Runs long commands: output to a log file, a line of progress now and then, no orphan when we die."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.children import end, tied
from embedded.toolchain.errors import ToolchainError

Say = Callable[[str], None]

_HEARTBEAT_SECONDS = 30.0
UMASK = 0o022
"""What we make for images and for daemons can be read by all, whatever the user's own umask."""


def say(line: str) -> None:
    print(f"toolchain: {line}", flush=True)


@dataclass(frozen=True)
class Command:
    """What to run for which program; `advice` is shown if it fails, `limit` is in seconds.

    `dies_with_us`: whether the kernel ends it when this process is killed.
    """

    program: str
    argv: Sequence[str]
    log: Path
    advice: str
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    limit: float = 1800.0
    dies_with_us: bool = True


def tail(log: Path, lines: int = 15) -> str:
    """The last non-empty lines of a log, indented."""
    text = log.read_text(errors="replace") if log.exists() else ""
    kept = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join(f"    {line}" for line in kept) or "    (it printed nothing)"


def failure(command: Command, what: str) -> ToolchainError:
    return ToolchainError(
        f"{command.program}: {what}\n  command: {' '.join(command.argv)}\n"
        f"  its last lines (all in {command.log}):\n{tail(command.log)}\n  try: {command.advice}"
    )


def run(command: Command, on_heartbeat: Callable[[float], None]) -> None:
    """Run to the end; ToolchainError if it cannot start, fails, or passes its limit."""
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command.argv,
                env=command.env,
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=UMASK,
                preexec_fn=tied(signal.SIGTERM) if command.dies_with_us else None,
            )
        except OSError as error:
            raise failure(command, f"could not be started: {error.strerror}") from error
        try:
            _wait(process, command, on_heartbeat)
        finally:
            end(process)
    if process.returncode != 0:
        raise failure(command, f"exit code {process.returncode}")


def output_of(argv: Sequence[str], seconds: float = 20.0, env: Mapping[str, str] | None = None) -> str:
    """What a short command prints on either stream; empty if it cannot be run."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            env=env,
            preexec_fn=tied(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def _wait(process: subprocess.Popen[bytes], command: Command, on_heartbeat: Callable[[float], None]) -> None:
    start = time.monotonic()
    while True:
        try:
            process.wait(_HEARTBEAT_SECONDS)
            return
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - start
            if elapsed > command.limit:
                raise failure(command, f"still running after {command.limit:.0f} s, ended") from None
            on_heartbeat(elapsed)
