"""Steps that run in a process of their own: one for each framework, and a fresh one for each proof."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from model_build.errors import BuildError

INTERRUPTED = 130

# Idle OpenMP threads sleep instead of spinning: on a busy machine training is several times faster.
ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
}


def run_step(module: str, *arguments: str) -> None:
    """Run `python -m module`; its progress goes straight to the terminal.

    Raises BuildError when it fails, KeyboardInterrupt when it was interrupted.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, env=os.environ | ENVIRONMENT) as process:
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            raise
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code != 0:
        raise BuildError(f"{module}: ended with code {code}; its own message is above")


def run_child(step: Callable[[Path], None]) -> None:
    """The main function of such a process: one folder as argument, quiet on Ctrl-C."""
    try:
        step(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BuildError as error:
        sys.exit(f"error: {error}")
