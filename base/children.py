"""Whatever this product starts ends with the process that started it, however that one ends.

On Linux the kernel sees to it (PR_SET_PDEATHSIG in prctl(2)). To the kernel the parent is the *thread* that
started a child: let it be one that waits for the child. Elsewhere workers look for their parent now and then,
and other programs are ended by whoever started them, as long as that one can.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 10
_FOR_THE_PARENT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class WorkerLostError(Exception):
    """A worker process was killed from outside."""

    def __init__(self) -> None:
        super().__init__(
            "a worker process was killed, probably for lack of memory; close other programs and run it again"
        )


def tied(number: int = signal.SIGKILL, *, deaf: bool = False) -> Callable[[], None]:
    """The `preexec_fn` of a child that gets signal `number` when this process is gone.

    `deaf`: it does not hear Ctrl-C, which is its parent's to pass on.
    """
    return partial(_tie, os.getpid(), number, deaf)


def tie_to_parent(number: int) -> None:
    """This very process, and what it becomes by exec, ends with the process that started it."""
    _tie(os.getppid(), number, deaf=False)


@contextmanager
def pool(workers: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Worker processes; on any error, a signal's included, they are killed, whatever they are at.

    Raises WorkerLostError when one of them was.
    """
    executor = ProcessPoolExecutor(workers, initializer=_begin, initargs=(os.getpid(),))
    try:
        yield executor
    except BrokenProcessPool as error:
        _kill_workers()
        raise WorkerLostError from error
    except BaseException:
        _kill_workers()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child that still runs, by force after ten seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _kill_workers() -> None:
    """Every worker of every pool of this process, at once."""
    for worker in multiprocessing.active_children():
        worker.kill()


def _tie(parent: int, number: int, deaf: bool) -> None:
    """Between fork and exec: system calls and nothing else."""
    if deaf:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it was gone before the kernel knew
            os.kill(os.getpid(), number)


def _begin(parent: int) -> None:
    """A worker's first act; whether a signal to the whole group ends the work is its parent's decision."""
    for number in _FOR_THE_PARENT:
        signal.signal(number, signal.SIG_IGN)
    _tie(parent, signal.SIGKILL, deaf=True)
    if _LIBC is None:
        threading.Thread(target=_outlast, args=(parent,), daemon=True).start()


def _outlast(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
