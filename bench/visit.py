"""One visit of an experiment: a stack comes up with fresh pods, is measured part by part, and goes again."""

import sys
import time
from collections.abc import Iterator
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


@dataclass
class Taken:
    """What a step took: seconds of load; `fault` if it is to be done again in a later go."""

    load_seconds: float = 0.0
    fault: str = ""


def visit(place: Place, what: Visit) -> tuple[str, ...]:
    """Every part that is left of a visit; returns its faults. The stack is gone at the end, whatever happens.

    Raises KeyboardInterrupt after that.
    """
    faults: list[str] = []
    try:
        with _step(place, what, "up"):
            pulumi.clean(what.arm.stack)
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
        with _step(place, what, "warm-up") as taken:
            setup = Setup(target, warm_up(target, THESIS_LOAD, _seed(place, what.block)), place.results)
            taken.load_seconds = setup.warm.seconds
        for part in what.parts:
            with _step(place, what, part) as taken:
                _part(Task(place, what, setup, taken), part)
        _forward(place, what, setup, outputs)


def _effective(target: Target) -> None:
    wrong = mismatches(target)
    if wrong:
        raise LoadError(f"settings are not effective: {'; '.join(wrong)}; run: make verify")


@dataclass(frozen=True)
class Task:
    """One part of a visit, on a warm server."""

    place: Place
    what: Visit
    setup: Setup
    taken: Taken

    def request(self, part: str) -> Request:
        """The load of a part."""
        return _request(self.place, self.what.arm, self.what.block, part)

    def note(self, made: Summary) -> Summary:
        """Count a load, and say what voids it. Raises KeyboardInterrupt if it was interrupted."""
        self.taken.load_seconds += made.total.seconds
        for reason in made.void:
            print(f"  void: {reason}", file=sys.stderr)
        if made.obtained.interrupted:
            raise KeyboardInterrupt
        return made


def _part(task: Task, part: str) -> None:
    if part == BASELINE:
        _baseline(task)
    elif part == CAPACITY:
        _search(task)
    else:
        _load(task, part)


def _load(task: Task, part: str) -> None:
    """One load; a void one once more, and if it is void again the part is left for a later go."""
    made = task.note(measure(task.setup, task.request(part)))
    if made.void:
        made = task.note(measure(task.setup, task.request(part)))
    if made.void:
        task.taken.fault = f"void: {'; '.join(made.void)}"


def _baseline(task: Task) -> None:
    plan, target = task.place.plan, task.setup.target
    wish = Wish(plan.name, task.what.arm.name, task.what.block, seconds=plan.budget.baseline_seconds)
    made = baseline.measure(target.outputs, target.endpoint, task.place.photos, wish)
    baseline.keep(task.place.results, made)
    task.taken.load_seconds = plan.budget.baseline_seconds


def _search(task: Task) -> None:
    """From where an earlier block found the capacity; what a search that was cut off found is kept."""
    request, budget = task.request(CAPACITY), task.place.plan.budget
    kept = [each.summary for each in store.read(task.place.folder).runs]
    earlier = [each for each in kept if _same_server(each, request, task.setup)]
    blocks = [[each for each in earlier if each.block == block] for block in range(1, request.block)]
    held = [rate for trials in blocks if (rate := capacity.held(trials)) is not None]
    start = capacity.Start(held[-1], known=True) if held else capacity.Start()
    bounds = Bounds(budget.trial_seconds, budget.confirm_seconds, budget.search_trials)
    own = [each for each in earlier if each.block == request.block]
    made = [task.note(each) for each in search(task.setup, request, start, bounds, own)]
    if capacity.held([*own, *made]) is None:
        task.taken.fault = "no rate was confirmed"


def _same_server(made: Summary, request: Request, setup: Setup) -> bool:
    """A trial of the same arm and server."""
    own = (request.arm, setup.target.endpoint.server)
    return made.part in TRIALS and (made.arm, made.server) == own


def _forward(place: Place, what: Visit, setup: Setup, outputs: StackOutputs) -> None:
    """The thesis' load once more through kubectl port-forward, where the plan asks for it."""
    arm = experiment.forward_of(place.plan, what.arm)
    if arm is None:
        return
    other = Visit(what.block, arm, (THESIS,))
    with _step(place, other, THESIS) as taken, forwarded(outputs, setup.target.endpoint) as endpoint:
        through = Setup(aim(outputs, endpoint, place.photos, PORT_FORWARD), setup.warm, place.results)
        _load(Task(place, other, through, taken), THESIS)


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
