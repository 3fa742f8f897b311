"""One visit of an experiment: a stack comes up with fresh pods, is measured part by part, and goes again."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from bench.errors import BenchError, RefusedError, TargetError
from bench.experiment.hands import Hands
from bench.experiment.plan import Visit
from bench.experiment.tasks import Place, Taken, Task, carry_out
from bench.load.profiles import THESIS as THESIS_LOAD
from bench.load.profiles import stepping
from bench.records import store
from bench.records.experiment import DESTROY, Budget, Step
from bench.records.parts import THESIS
from bench.records.profile import Profile
from bench.records.run import PORT_FORWARD, SERVICE
from bench.subject.target import Target
from bench.trial.measure import Setup

LOOKS, PAUSE_SECONDS = 10, 2.0  # more, until settings are effective


class Departures:
    """Takes one stack away in the background while the next comes up and warms up, never under its loads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        self._stack = ""

    def send(self, stack_name: str, action: Callable[[], None]) -> None:
        """Begin to take a stack away."""
        self._stack, self._last = stack_name, self._pool.submit(action)

    def wait(self, stack_name: str | None = None) -> None:
        """Until nothing is on its way, or only until `stack_name` is not. Raises StackUnavailableError."""
        if self._last and stack_name in (None, self._stack):
            last, self._last = self._last, None
            last.result()


def visit(place: Place, what: Visit, departures: Departures) -> tuple[str, ...]:
    """Every part that is left of a visit; returns its faults. The stack departs at the end, in any case.

    Before a step the former one is gone: what scales may need the room of several pods.

    Raises KeyboardInterrupt and RefusedError after that.
    """
    faults: list[str] = []
    try:
        departures.wait(None if place.plan.budget.step_rate else what.arm.stack)
        with _step(place, what, "up"):
            place.hands.clean(what.arm.stack)
            place.hands.up(what.arm.stack)
        _measure(place, what, departures)
    except RefusedError:
        raise  # no other visit fares better with these photos
    except BenchError as error:
        faults.append(f"{what.arm.name}, block {what.block}: {error}")
    finally:
        _say(what, DESTROY)  # here: lines of two threads would run into each other
        departures.send(what.arm.stack, lambda: _destroy(place, what))
    return tuple(faults)


def _destroy(place: Place, what: Visit) -> None:
    with _noted(place, what, DESTROY):
        place.hands.destroy(what.arm.stack)


def _measure(place: Place, what: Visit, departures: Departures) -> None:
    hands = place.hands
    stack = hands.connect(what.arm.stack)
    for endpoint in stack.outputs.endpoints:
        with _step(place, what, "verify"):
            target = hands.aim(stack, endpoint, place.photos, SERVICE)
            _effective(hands, target)
        with _step(place, what, "warm-up") as taken:
            warm = hands.warm_up(target, warming(place.plan.budget), place.seed(what.block))
            setup = Setup(target, warm, place.results)
            taken.load_seconds = setup.warm.seconds
        departures.wait()
        for part in what.parts:
            with _step(place, what, part) as taken:
                carry_out(Task(place, what, setup, taken), part)
        _forward(place, what, setup)


def warming(budget: Budget) -> Profile:
    """The load whose beginning warms a server up: of a step its own low rate."""
    return stepping(budget.step_rate, budget.step_seconds) if budget.step_rate else THESIS_LOAD


def _effective(hands: Hands, target: Target) -> None:
    """Maybe not at once: KEDA makes its autoscaler after the stack is up, and a resize takes a moment."""
    wrong = hands.mismatches(target)
    for _ in range(LOOKS):
        if not wrong:
            return
        hands.pause(PAUSE_SECONDS)
        wrong = hands.mismatches(target)
    if wrong:
        raise TargetError(f"settings are not effective: {'; '.join(wrong)}; run: make verify")


def _forward(place: Place, what: Visit, setup: Setup) -> None:
    """The thesis' load once more through kubectl port-forward, where that is left."""
    if what.forward is None:
        return
    other = Visit(what.block, what.forward, (THESIS,))
    hands, stack = place.hands, setup.target.stack
    with _step(place, other, THESIS) as taken, hands.forwarded(stack, setup.target.endpoint) as endpoint:
        target = hands.aim(stack, endpoint, place.photos, PORT_FORWARD)
        through = Setup(target, setup.warm, place.results)
        carry_out(Task(place, other, through, taken), THESIS)


@contextmanager
def _step(place: Place, what: Visit, name: str) -> Iterator[Taken]:
    """Say what begins, and note it."""
    _say(what, name)
    with _noted(place, what, name) as taken:
        yield taken


def _say(what: Visit, name: str) -> None:
    print(f"block {what.block}, {what.arm.name}: {name}", file=sys.stderr, flush=True)


@contextmanager
def _noted(place: Place, what: Visit, name: str) -> Iterator[Taken]:
    """Note in the journal how long it took and whether it failed."""
    began, start, taken, ended = datetime.now(UTC), time.monotonic(), Taken(), "interrupted"
    try:
        yield taken
        ended = ""
    except BenchError as error:
        ended = str(error)
        raise
    finally:
        spent = round(time.monotonic() - start, 1)
        load = round(min(spent, taken.load_seconds), 1)
        written, fault = began.isoformat(timespec="seconds"), ended or taken.fault
        store.note(place.folder, Step(what.block, what.arm.name, name, written, spent, load, fault))
