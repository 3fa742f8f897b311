"""A signal ends a command once, soon, and with one line. Imports little: it is there before all else is."""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

SECONDS = 1.5
"""What does not heed the signal by then is ended."""
TIDY_SECONDS = 5.0
"""What has not tidied up by then is left for the next run."""
_NUDGE_SECONDS = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Stopped(BaseException):
    """The first signal, by its number; all later ones are ignored."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass
class _State:
    """`number`: of the first signal. `heeded`: Stopped is on its way up, or there is nothing left to stop."""

    number: int = 0
    postponed: bool = False
    heeded: bool = False


_state = _State()


def run(command: Callable[[], int], farewell: str) -> int:
    """The command's exit code; a signal ends it and this process within TIDY_SECONDS, with `farewell`.

    SIGINT counts even where a shell started this in the background; SIGHUP not under `nohup`.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))  # its signals are no news of ours
    threading.Thread(target=_see_to_it, args=(heard, farewell), daemon=True).start()
    for each in _SIGNALS:
        if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _hear)
    try:
        return command()
    except Stopped as stopped:
        _leave(stopped.number, farewell)


@contextmanager
def postponed() -> Iterator[None]:
    """Stopped is raised at the end at the earliest: for a fork, whose hooks let no exception through."""
    _state.postponed = True
    try:
        yield
    finally:
        _state.postponed = False
    _heed()


def ignore() -> None:
    """No signal stops what is left to do: it is done sooner than it could be undone."""
    _state.heeded = True
    signal.set_wakeup_fd(-1)


def _hear(number: int, _: FrameType | None) -> None:
    _state.number = _state.number or number
    _heed()


def _heed() -> None:
    """Raise Stopped, if a signal came and it is time."""
    if _state.number and not (_state.heeded or _state.postponed):
        _state.heeded = True
        sys.unraisablehook = _swallow
        raise Stopped(_state.number)


def _swallow(lost: "sys.UnraisableHookArgs") -> None:
    """A callback of the interpreter's lets no exception through: the next signal, or nudge, counts again."""
    if isinstance(lost.exc_value, Stopped):
        _state.heeded = False


def _see_to_it(heard: int, farewell: str) -> None:
    """Python handles a signal in the main thread alone, and only between two of its instructions.

    One that came just as it began to wait for something, or where no exception leads out of, is sent again;
    where an instruction takes too long (a step of a training), this thread ends the process. Tidying up may
    take longer, as on a machine that is at much else.
    """
    while (number := os.read(heard, 1)[0]) not in _SIGNALS:
        pass
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(_NUDGE_SECONDS)
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    if _state.heeded:
        time.sleep(TIDY_SECONDS - SECONDS)
    _leave(number, farewell)


def _leave(number: int, farewell: str) -> NoReturn:
    """End as a program that got this signal. No thread can hold it up; children are tied to this process."""
    with suppress(OSError, ValueError):  # the terminal may be gone, or a pipe that nobody reads full
        if select.select([], [sys.stderr], [], 0)[1]:
            os.write(sys.stderr.fileno(), f"\n{farewell}\n".encode())
    os._exit(128 + number)
