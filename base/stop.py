"""A signal ends a command once, soon, and with one line. Imports little: it is there before all else is."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

SECONDS = 1.5
"""What has not tidied up by then is left for the next run."""
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
        signal.signal(signal.SIGALRM, lambda *_: _leave(number, farewell))
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        if _postponed.on:
            _postponed.number = number
        else:
            raise Stopped(number)

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


def _leave(number: int, farewell: str) -> NoReturn:
    """End as a program that got this signal. No thread can hold it up; children are tied to this process."""
    with suppress(OSError, ValueError):  # the terminal may be gone
        print(f"\n{farewell}", file=sys.stderr, flush=True)
    os._exit(128 + number)
