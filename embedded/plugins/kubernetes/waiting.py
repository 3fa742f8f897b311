"""Waiting: look again and again, tell the user what is missing, and stop on success, time or cancellation."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from embedded.plugins.engine import Log
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes.client import UnreachableError
from embedded.plugins.kubernetes.readiness import Verdict

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
PROBLEMS_EVERY_SECONDS = 10.0


class Clock(Protocol):
    """Time that a test can replace."""

    def now(self) -> float:
        """Seconds from some fixed point."""

    def pause(self, seconds: float) -> bool:
        """Wait; True when the operation was cancelled meanwhile."""


@dataclass(frozen=True)
class CancellableClock:
    """Real time; a pause ends early when `cancelled` is set."""

    cancelled: threading.Event

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> bool:
        return self.cancelled.wait(seconds)


class NotReadyError(PluginError):
    """The object exists, but it is not ready; `problems` say what stands in the way."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True)
class Patience:
    """How long to wait for the object `name`, and where to report to."""

    name: str
    urn: str
    seconds: float
    clock: Clock
    log: Log


def until_ready(
    look: Callable[[], Verdict], patience: Patience, events: Callable[[], Iterable[str]] = tuple
) -> None:
    """Return when a look says ready; meanwhile problems and warning `events` show as status warnings.

    Raises NotReadyError on time-out or cancellation. An unreachable server is tried again until then.
    """
    clock, log = patience.clock, patience.log
    end = clock.now() + patience.seconds
    pause, shown, told, tell_next = FIRST_PAUSE_SECONDS, "", set[str](), clock.now() + PROBLEMS_EVERY_SECONDS
    verdict = Verdict(ready=False)
    while True:
        try:
            verdict = look()
        except UnreachableError as problem:
            verdict = Verdict(ready=False, status=f"Waiting for the API server: {problem}")
        if verdict.status != shown:
            shown = verdict.status
            log.status(shown, patience.urn)
        if verdict.ready:
            return
        if clock.now() >= tell_next:
            tell_next += PROBLEMS_EVERY_SECONDS
            for problem_text in {*verdict.problems, *events()} - told:
                log.status(problem_text, patience.urn, warning=True)
                told.add(problem_text)
        if clock.now() >= end:
            raise NotReadyError(f"'{patience.name}' timed out waiting to be Ready", verdict.problems)
        if clock.pause(min(pause, max(end - clock.now(), 0.01))):
            raise NotReadyError(f"Resource operation was cancelled for '{patience.name}'", verdict.problems)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
