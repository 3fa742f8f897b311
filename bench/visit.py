"""One visit of an experiment: a stack comes up with fresh pods, is measured part by part, and goes again."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import baseline, capacity, experiment, profiles, pulumi, stack, store
from bench.baseline import Wish
from bench.cluster import ClusterError
from bench.experiment import BASELINE, Visit
from bench.measure import Request, Setup, measure, warm_up
from bench.openloop import LoadError
from bench.payloads import Photo
from bench.predict import PredictionError
from bench.profiles import CAPACITY, Closed
from bench.profiles import THESIS as THESIS_LOAD
from bench.records import Arm, Experiment, Step
from bench.search import Bounds, search
from bench.summary import PORT_FORWARD, SERIAL, THESIS, TRIALS, Summary
from bench.target import Target, aim, forwarded, mismatches
from infra.outputs import StackOutputs

FAULTS = (LoadError, ClusterError, PredictionError, stack.StackUnavailableError)


@dataclass(frozen=True)
class Place:
    """Where an experiment keeps everything, and the photos of all its loads."""

    plan: Experiment
    results: Path
    photos: tuple[Photo, ...]

    @property
    def folder(self) -> Path:
        """The experiment's own folder."""
        return store.folder_of(self.results, self.plan.name)


def visit(place: Place, what: Visit) -> tuple[str, ...]:
    """Every part that is left of a visit; returns its faults. The stack is gone at the end, whatever happens.

    Raises KeyboardInterrupt after that.
    """
    faults: list[str] = []
    try:
        with _step(place, what, "up"):
            pulumi.destroy(what.arm.stack)  # nothing to do unless an earlier visit was cut off
            pulumi.up(what.arm.stack)
        _measure(place, what)
    except FAULTS as error:
        faults.append(f"{what.arm.name}, block {what.block}: {error}")
    finally:
        with _step(place, what, experiment.DESTROY):
            pulumi.destroy(what.arm.stack)
    return tuple(faults)


def _measure(place: Place, what: Visit) -> None:
    outputs = stack.read(what.arm.stack)
    for endpoint in outputs.endpoints:
        with _step(place, what, "verify"):
            target = aim(outputs, endpoint, place.photos)
            _effective(target)
        with _step(place, what, "warm-up") as loaded:
            setup = Setup(target, warm_up(target, THESIS_LOAD, _seed(place, what.block)), place.results)
            loaded.append(setup.warm.seconds)
        for part in what.parts:
            with _step(place, what, part) as loaded:
                loaded.extend(_part(place, what, setup, part))
        _forward(place, what, setup, outputs)


def _effective(target: Target) -> None:
    wrong = mismatches(target)
    if wrong:
        raise LoadError(f"settings are not effective: {'; '.join(wrong)}; run: make verify")


def _part(place: Place, what: Visit, setup: Setup, part: str) -> list[float]:
    """Measure one part; returns the seconds of its loads."""
    plan, target = place.plan, setup.target
    request = _request(place, what.arm, what.block, part)
    if part == BASELINE:
        wish = Wish(plan.name, what.arm.name, what.block, seconds=plan.budget.baseline_seconds)
        baseline.keep(place.results, baseline.measure(target.outputs, target.endpoint, place.photos, wish))
        return [plan.budget.baseline_seconds]
    if part == CAPACITY:
        kept = [each.summary for each in store.read(place.folder).runs]
        return _search(setup, request, plan, [each for each in kept if _same_server(each, request, setup)])
    return [_finish(measure(setup, request))]


def _search(setup: Setup, request: Request, plan: Experiment, earlier: Sequence[Summary]) -> list[float]:
    """From where an earlier block found the capacity."""
    own = [each for each in earlier if each.block == request.block]
    blocks = [[each for each in earlier if each.block == block] for block in range(1, request.block)]
    held = [rate for trials in blocks if (rate := capacity.held(trials)) is not None]
    budget = plan.budget
    bounds = Bounds(budget.trial_seconds, budget.confirm_seconds, budget.search_trials)
    start = held[-1] if held else capacity.FIRST_RATE
    made = search(setup, request, capacity.Start(start, known=bool(held)), bounds, own)
    return [_finish(each) for each in made]


def _same_server(made: Summary, request: Request, setup: Setup) -> bool:
    """A trial of the same arm and server."""
    own = (request.arm, setup.target.endpoint.server)
    return made.part in TRIALS and (made.arm, made.server) == own


def _forward(place: Place, what: Visit, setup: Setup, outputs: StackOutputs) -> None:
    """The thesis' load once more through kubectl port-forward, where the plan asks for it."""
    arm = experiment.forward_of(place.plan, what.arm)
    if arm is None:
        return
    with (
        _step(place, Visit(what.block, arm, ()), THESIS) as loaded,
        forwarded(outputs, setup.target.endpoint) as endpoint,
    ):
        other = Setup(aim(outputs, endpoint, place.photos, PORT_FORWARD), setup.warm, place.results)
        loaded.append(_finish(measure(other, _request(place, arm, what.block, THESIS))))


def _request(place: Place, arm: Arm, block: int, part: str) -> Request:
    budget = place.plan.budget
    load = {
        THESIS: Closed(THESIS_LOAD.users, budget.thesis_seconds, THESIS_LOAD.think_seconds),
        SERIAL: profiles.serial(budget.serial_seconds),
    }.get(part, THESIS_LOAD)
    return Request(load, part, place.plan.name, arm.name, block, _seed(place, block))


def _seed(place: Place, block: int) -> int:
    """One for all arms of a block: they get the same arrivals and photos."""
    return 1000 * place.plan.seed + 100 * block


def _finish(made: Summary) -> float:
    """The seconds of a load; says what voids it. Raises KeyboardInterrupt if it was interrupted."""
    for reason in made.void:
        print(f"  void: {reason}", file=sys.stderr)
    if made.obtained.interrupted:
        raise KeyboardInterrupt
    return made.total.seconds


@contextmanager
def _step(place: Place, what: Visit, name: str) -> Iterator[list[float]]:
    """Say what begins, and note in the journal how long it took and whether it failed.

    Yields a list for the seconds in which load was sent.
    """
    began, start, fault, loaded = datetime.now(UTC), time.monotonic(), "interrupted", list[float]()
    print(f"block {what.block}, {what.arm.name}: {name}", file=sys.stderr, flush=True)
    try:
        yield loaded
        fault = ""
    except FAULTS as error:
        fault = str(error)
        raise
    finally:
        spent = round(time.monotonic() - start, 1)
        written, load = began.isoformat(timespec="seconds"), round(min(spent, sum(loaded)), 1)
        store.note(place.folder, Step(what.block, what.arm.name, name, written, spent, load, fault))
