"""One visit of an experiment: a stack comes up with fresh pods, is measured part by part, and goes again."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from bench import experiment, pulumi, stack, store
from bench.cluster import ClusterError
from bench.experiment import Visit
from bench.measure import Setup, warm_up
from bench.openloop import LoadError
from bench.parts import Place, Taken, Task, carry_out
from bench.predict import PredictionError
from bench.profiles import THESIS as THESIS_LOAD
from bench.records import Step
from bench.summary import PORT_FORWARD, THESIS
from bench.target import Target, aim, forwarded, mismatches
from stack.outputs import StackOutputs

FAULTS = (LoadError, ClusterError, PredictionError, stack.StackUnavailableError)


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

    Raises KeyboardInterrupt after that.
    """
    faults: list[str] = []
    try:
        departures.wait(what.arm.stack)
        with _step(place, what, "up"):
            pulumi.clean(what.arm.stack)
            pulumi.up(what.arm.stack)
        _measure(place, what, departures)
    except FAULTS as error:
        faults.append(f"{what.arm.name}, block {what.block}: {error}")
    finally:
        departures.send(what.arm.stack, lambda: _destroy(place, what))
    return tuple(faults)


def _destroy(place: Place, what: Visit) -> None:
    with _step(place, what, experiment.DESTROY):
        pulumi.destroy(what.arm.stack)


def _measure(place: Place, what: Visit, departures: Departures) -> None:
    outputs = stack.read(what.arm.stack)
    for endpoint in outputs.endpoints:
        with _step(place, what, "verify"):
            target = aim(outputs, endpoint, place.photos)
            _effective(target)
        with _step(place, what, "warm-up") as taken:
            setup = Setup(target, warm_up(target, THESIS_LOAD, place.seed(what.block)), place.results)
            taken.load_seconds = setup.warm.seconds
        departures.wait()
        for part in what.parts:
            with _step(place, what, part) as taken:
                carry_out(Task(place, what, setup, taken), part)
        _forward(place, what, setup, outputs)


def _effective(target: Target) -> None:
    wrong = mismatches(target)
    if wrong:
        raise LoadError(f"settings are not effective: {'; '.join(wrong)}; run: make verify")


def _forward(place: Place, what: Visit, setup: Setup, outputs: StackOutputs) -> None:
    """The thesis' load once more through kubectl port-forward, where that is left."""
    if what.forward is None:
        return
    other = Visit(what.block, what.forward, (THESIS,))
    with _step(place, other, THESIS) as taken, forwarded(outputs, setup.target.endpoint) as endpoint:
        through = Setup(aim(outputs, endpoint, place.photos, PORT_FORWARD), setup.warm, place.results)
        carry_out(Task(place, other, through, taken), THESIS)


@contextmanager
def _step(place: Place, what: Visit, name: str) -> Iterator[Taken]:
    """Say what begins, and note in the journal how long it took and whether it failed."""
    began, start, taken, ended = datetime.now(UTC), time.monotonic(), Taken(), "interrupted"
    print(f"block {what.block}, {what.arm.name}: {name}", file=sys.stderr, flush=True)
    try:
        yield taken
        ended = ""
    except FAULTS as error:
        ended = str(error)
        raise
    finally:
        spent = round(time.monotonic() - start, 1)
        load = round(min(spent, taken.load_seconds), 1)
        written, fault = began.isoformat(timespec="seconds"), ended or taken.fault
        store.note(place.folder, Step(what.block, what.arm.name, name, written, spent, load, fault))
