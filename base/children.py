"""Whatever this product starts ends with the process that started it, however that one ends.

On Linux the kernel sees to it (PR_SET_PDEATHSIG in prctl(2)). To the kernel the parent is the *thread* that
started a child: let it be one that waits for the child. Elsewhere a worker ends when it next looks for work,
and other programs are ended by whoever started them, as long as that one can.
"""

import ctypes
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from base import stop

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

P = ParamSpec("P")
T = TypeVar("T")

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
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


def tied_command(command: Sequence[str]) -> list[str]:
    """The command line of a child that ends with this process, for a process that holds gRPC.

    There `tied` may not be: a fork that runs Python beside gRPC's threads can crash before the program runs.
    """
    return [sys.executable, "-P", "-m", "base", *command]


def tie_to_parent(number: int) -> None:
    """This very process, and what it becomes by exec, ends with the process that started it."""
    _tie(os.getppid(), number, deaf=False)


@contextmanager
def pool(workers: int | None = None) -> Iterator[Executor]:
    """Worker processes; at the end they are killed, whatever they are at.

    Work whose worker something else killed raises WorkerLostError: the standard library's own pool would wait
    for ever for the rest of an answer that was on its way.
    """
    with stop.postponed():
        made = [_Worker() for _ in range(workers or os.cpu_count() or 1)]
    with _Workers(made) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in made:
                worker.process.kill()
                worker.process.join()


class _Worker:
    """A process that does one piece of work after another; only it holds its end of the connection."""

    def __init__(self) -> None:
        self._connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()

    def do(self, work: Callable[[], T]) -> T:
        """The work's result, or its error."""
        try:
            self._connection.send(work)
            result, error = cast("tuple[T, Exception | None]", self._connection.recv())
        except (EOFError, OSError) as lost:
            raise WorkerLostError from lost
        if error:
            raise error
        return result


class _Workers(ThreadPoolExecutor):
    """A thread waits for each worker."""

    def __init__(self, workers: Sequence[_Worker]) -> None:
        super().__init__(len(workers))
        self._idle = queue.SimpleQueue[_Worker]()
        for worker in workers:
            self._idle.put(worker)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return super().submit(self._do, partial(fn, *args, **kwargs))

    def _do(self, work: Callable[[], T]) -> T:
        worker = self._idle.get()
        try:
            return worker.do(work)
        finally:
            self._idle.put(worker)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child that still runs, by force after ten seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tie(parent: int, number: int, deaf: bool) -> None:
    """Between fork and exec: system calls and nothing else."""
    if deaf:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it was gone before the kernel knew
            os.kill(os.getpid(), number)


def _work(connection: "Connection[object, object]", parent: int) -> None:
    """A worker's life. Whether a signal to the whole group ends the work is its parent's decision."""
    for number in _FOR_THE_PARENT:
        signal.signal(number, signal.SIG_IGN)
    _tie(parent, signal.SIGKILL, deaf=True)
    with suppress(EOFError, OSError):
        while True:
            connection.send(_outcome(cast("Callable[[], object]", connection.recv())))


def _outcome(work: Callable[[], object]) -> tuple[object, Exception | None]:
    try:
        return work(), None
    except Exception as error:
        error.add_note(traceback.format_exc())
        return None, error
