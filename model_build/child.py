"""Steps that run in a process of their own: one for each framework, and a fresh one for each proof."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from base import children, stop
from model_build import room
from model_build.errors import BuildError

# Idle OpenMP threads sleep instead of spinning: on a busy machine training is several times faster.
ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
}


def run_step(module: str, folder: Path, log: Path | None = None) -> None:
    """Run `python -m module folder`; its progress goes straight to the terminal.

    `log` takes its stderr instead (TensorFlow greets at length there), shown only when the step fails.
    Raises BuildError when it fails.
    """
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(log.open("w")) if log else None
        code = finished([sys.executable, "-m", module, str(folder)], stderr=errors)
    if code == room.EXIT_CODE:
        raise room.used_up()
    if code == -signal.SIGKILL:
        raise BuildError(f"{module}: was killed, probably for lack of memory; close other programs")
    if code != 0:
        if log:
            sys.stderr.write(log.read_text(errors="replace"))
        raise BuildError(f"{module}: ended with code {code}; its own message is above")


def finished(
    command: Sequence[str], stderr: IO[str] | None = None, cwd: Path | None = None, pythonpath: str = ""
) -> int:
    """The exit code of a command, which whatever ends the wait for it ends too."""
    environment = os.environ | ENVIRONMENT | ({"PYTHONPATH": pythonpath} if pythonpath else {})
    tied = children.tied(deaf=True)
    with contextlib.ExitStack() as stack:
        with stop.postponed():
            process = subprocess.Popen(command, env=environment, stderr=stderr, cwd=cwd, preexec_fn=tied)
            stack.callback(process.wait)
            stack.callback(process.kill)
        return process.wait()


def run_child(step: Callable[[Path], None]) -> None:
    """The main function of such a process: one folder as argument."""
    try:
        step(Path(sys.argv[1]))
    except Exception as error:
        if room.ran_out(error):
            sys.exit(room.EXIT_CODE)  # no word: its log is on the same disk
        if isinstance(error, BuildError):
            sys.exit(f"error: {error}")
        raise
