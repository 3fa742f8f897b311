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
"""What has not tidied up by then is left for the next run."""
_NUDGE_SECONDS = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Stopped(BaseException):
    """The first signal, by its number; all later ones are ignored."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass
class _Postponed:
    """`number` is that of a signal which came while it was `on`."""

    on: bool = False
    number: int = 0


_postponed = _Postponed()


def run(command: Callable[[], int], farewell: str) -> int:
    """The command's exit code; a signal ends it and this process within SECONDS, with `farewell`.

    SIGINT counts even where a shell started this in the background; SIGHUP not under `nohup`.
    """

    def first(number: int, _: FrameType | None) -> None:
        ignore()
        sys.unraisablehook = lambda _: None  # where nothing catches Stopped, time does
        if _postponed.on:
            _postponed.number = number
        else:
            raise Stopped(number)

    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))  # its signals are no news of ours
    threading.Thread(target=_see_to_it, args=(heard, farewell), daemon=True).start()
    for each in _SIGNALS:
        if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, first)
    try:
        return command()
    except Stopped as stopped:
        _leave(stopped.number, farewell)


@contextmanager
def postponed() -> Iterator[None]:
    """Stopped is raised at the end at the earliest: for a fork, whose hooks let no exception through."""
    _postponed.on = True
    try:
        yield
    finally:
        _postponed.on = False
    if _postponed.number:
        raise Stopped(_postponed.number)


def ignore() -> None:
    """No signal stops what is left to do: it is done sooner than it could be undone."""
    for each in _SIGNALS:
        signal.signal(each, lambda *_: None)  # SIG_IGN: Python would complain of one that is on its way
    signal.set_wakeup_fd(-1)


def _see_to_it(heard: int, farewell: str) -> None:
    """Python handles a signal in the main thread alone, and only between two of its instructions.

    One that came just as the main thread began to wait for something is sent again; where an instruction
    takes too long (a step of a training), this thread ends the process.
    """
    while (number := os.read(heard, 1)[0]) not in _SIGNALS:
        pass
    time.sleep(_NUDGE_SECONDS)
    signal.pthread_kill(threading.main_thread().ident or 0, number)
    time.sleep(SECONDS - _NUDGE_SECONDS)
    _leave(number, farewell)


def _leave(number: int, farewell: str) -> NoReturn:
    """End as a program that got this signal. No thread can hold it up; children are tied to this process."""
    with suppress(OSError, ValueError):  # the terminal may be gone, or a pipe that nobody reads full
        if select.select([], [sys.stderr], [], 0)[1]:
            os.write(sys.stderr.fileno(), f"\n{farewell}\n".encode())
    os._exit(128 + number)
