"""Runs long commands: output to a log file, a line of progress now and then, no orphan when we die."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from base.children import end, tied
from embedded.toolchain.errors import ToolchainError

Say = Callable[[str], None]

_HEARTBEAT_SECONDS = 30.0
_POLL_SECONDS = 0.05
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


@dataclass(frozen=True)
class Task:
    """A command, what is said every half minute, and what follows its good end."""

    command: Command
    on_heartbeat: Callable[[float], None]
    then: Callable[[], None] = lambda: None


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
    run_beside((Task(command, on_heartbeat),))


def run_beside(tasks: Sequence[Task]) -> None:
    """Run commands beside each other, each to its end. The first ToolchainError ends them all."""
    with ExitStack() as stack:
        running = [(task, stack.enter_context(_started(task.command))) for task in tasks]
        start = told = time.monotonic()
        while running:
            time.sleep(_POLL_SECONDS)
            now = time.monotonic()
            for task, process in tuple(running):
                if process.poll() is not None:
                    running.remove((task, process))
                    _finish(task, process.returncode)
            if now - told > _HEARTBEAT_SECONDS:
                told = now
                for task, _ in running:
                    _beat(task, now - start)


@contextmanager
def _started(command: Command) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a command, its output in the log; it does not outlive the block."""
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
        yield process
    finally:
        end(process)


def _finish(task: Task, returncode: int) -> None:
    if returncode != 0:
        raise failure(task.command, f"exit code {returncode}")
    task.then()


def _beat(task: Task, elapsed: float) -> None:
    if elapsed > task.command.limit:
        raise failure(task.command, f"still running after {task.command.limit:.0f} s, ended")
    task.on_heartbeat(elapsed)


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
