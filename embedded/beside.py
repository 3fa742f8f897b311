"""Runs a long command beside other work: one waits for the network while another needs the cores."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from base.children import end, tied

Finish = Callable[[], None]


class BesideError(Exception):
    """The command beside failed; it has said why."""


@contextmanager
def beside(module: str, arguments: Sequence[str]) -> Iterator[Finish]:
    """Run `python -m MODULE ARGUMENTS` while the body runs; its lines appear as they come.

    The body calls `finish` where it needs what the command makes: it waits, and raises BesideError if the
    command failed. The command never outlives the body, nor this process.
    """
    argv = (sys.executable, "-m", module, *arguments)
    with subprocess.Popen(argv, preexec_fn=tied(signal.SIGTERM)) as process:

        def finish() -> None:
            if process.wait() != 0:
                raise BesideError(f"{module} ended with exit code {process.returncode}; see its lines above")

        try:
            yield finish
        finally:
            end(process)
