"""The parts of a visit: loads, the model's own cost, the search of the capacity."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench import queueing
from bench.analysis.cells import cells
from bench.analysis.predictions import expected_capacities
from bench.experiment import baseline
from bench.experiment.baseline import Wish
from bench.experiment.hands import REAL, Hands
from bench.experiment.plan import LATER_TRIALS, Visit
from bench.load import profiles
from bench.load.profiles import CAPACITY
from bench.load.profiles import THESIS as THESIS_LOAD
from bench.records import store
from bench.records.baseline import Baseline
from bench.records.expected import SCHEMA, Expected
from bench.records.experiment import BASELINE, Arm, Experiment
from bench.records.parts import SERIAL, STEP, TRIALS
from bench.records.profile import Closed, Profile
from bench.records.run import Summary
from bench.records.store import Evidence
from bench.subject.payloads import Photo
from bench.trial import capacity
from bench.trial.measure import ROTATE, Request, Setup
from bench.trial.search import Bounds

CAUTION = 0.6  # of the predicted capacity: a first trial that holds tells more than one that does not
MOST_START = 300.0  # requests/s


@dataclass(frozen=True)
class Place:
    """Where an experiment keeps everything, the photos of all its loads, and what it is carried out with."""

    plan: Experiment
    results: Path
    photos: tuple[Photo, ...]
    hands: Hands = REAL

    @property
    def folder(self) -> Path:
        """The experiment's own folder."""
        return store.folder_of(self.results, self.plan.name)

    def seed(self, block: int) -> int:
        """One for all arms of a block: they get the same arrivals and photos."""
        return 1000 * self.plan.seed + 100 * block


@dataclass
class Taken:
    """What a step took: seconds of load; `fault` if it is to be done again in a later go."""

    load_seconds: float = 0.0
    fault: str = ""


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


def carry_out(task: Task, part: str) -> None:
    """Measure one part. Raises what measuring raises; KeyboardInterrupt for an interrupted load."""
    if part == BASELINE:
        _baseline(task)
    elif part == CAPACITY:
        _search(task)
    else:
        _load(task, part)


def _load(task: Task, part: str) -> None:
    """One load; a void one once more, warmed up anew if need be; void again, it is left for a later go.

    A step is left at once: it scales the pods out, and has to begin with fresh ones.
    """
    measure = task.place.hands.measure
    made = task.note(measure(task.setup, task.request(part)))
    if made.void and part != STEP:
        made = task.note(measure(_warm(task), task.request(part)))
    if made.void:
        task.taken.fault = f"void: {'; '.join(made.void)}"


def _warm(task: Task) -> Setup:
    """The setup, warmed up once more where its warm-up did not settle."""
    setup = task.setup
    if setup.warm.stationary:
        return setup
    seed = task.place.seed(task.what.block) + 1
    warm = task.place.hands.warm_up(setup.target, THESIS_LOAD, seed)
    task.taken.load_seconds += warm.seconds
    return replace(setup, warm=warm)


def _baseline(task: Task) -> None:
    """Not of an adopted model, which nobody here can run without its server."""
    plan, target = task.place.plan, task.setup.target
    if target.endpoint.model.adopted:
        return
    wish = Wish(plan.name, task.what.arm.name, task.what.block, seconds=plan.budget.baseline_seconds)
    made = task.place.hands.baseline(target.stack, target.endpoint, task.place.photos, wish)
    baseline.keep(task.place.results, made)
    task.taken.load_seconds = plan.budget.baseline_seconds


def _search(task: Task) -> None:
    """From where an earlier block found the capacity, else from where the model expects it.

    What a search that was cut off found is kept.
    """
    request, budget = task.request(CAPACITY), task.place.plan.budget
    found = store.read(task.place.folder)
    earlier = [each.summary for each in found.runs if _same_server(each.summary, request, task.setup)]
    blocks = [[each for each in earlier if each.block == block] for block in range(1, request.block)]
    held = [rate for trials in blocks if (rate := capacity.held(trials)) is not None]
    start = capacity.Start(held[-1], known=True) if held else _predicted(task, found.baselines)
    trials = LATER_TRIALS if held else budget.search_trials
    bounds = Bounds(budget.trial_seconds, budget.confirm_seconds, trials)
    _expect(task, found)
    own = [each for each in earlier if each.block == request.block]
    made = [task.note(each) for each in task.place.hands.search(task.setup, request, start, bounds, own)]
    if capacity.following(capacity.known([*own, *made]), start, bounds.trials):
        task.taken.fault = "the search came to no end: too many of its trials were void"


def _expect(task: Task, found: Evidence) -> None:
    """Write down what the capacity model expects of a search, before it begins and never again."""
    arm, block, server = task.what.arm, task.what.block, task.setup.target.endpoint.server
    if any((each.arm, each.block, each.server) == (arm.name, block, server) for each in found.expected):
        return
    known = cells(found) if found.runs else ()
    own = next((each for each in known if (each.arm.name, each.server) == (arm.name, server)), None)
    told = expected_capacities(known, found.baselines)
    if own is None or own.name not in told:
        return
    made = Expected(
        schema=SCHEMA,
        arm=arm.name,
        server=server,
        block=block,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        rate=round(told[own.name], 1),
        baselines=len(found.baselines),
        serials=len(own.good(SERIAL)),
    )
    print(f"  expected: {made.rate:.0f} requests/s", file=sys.stderr)
    store.keep(task.place.folder / arm.name / f"{server}-expected-{block}", store.EXPECTED, made)


def _predicted(task: Task, known: Sequence[Baseline]) -> capacity.Start:
    """Somewhat below the capacity that the model predicts from the stack's own times, if there are any."""
    name, target = task.what.arm.stack, task.setup.target
    own = [each for each in known if each.stack == name and each.server == target.endpoint.server]
    if not own:
        return capacity.Start()
    wanted, server = target.stack.settings, target.endpoint.server
    rate = CAUTION * queueing.capacity(wanted, server, queueing.curve(own), os.cpu_count() or 1)
    return capacity.Start(min(MOST_START, max(capacity.FIRST_RATE, rate)))


def _same_server(made: Summary, request: Request, setup: Setup) -> bool:
    """A trial of the same arm and server."""
    own = (request.arm, setup.target.endpoint.server)
    return made.part in TRIALS and (made.arm, made.server) == own


def _request(place: Place, arm: Arm, block: int, part: str) -> Request:
    budget = place.plan.budget
    load: Profile = Closed(THESIS_LOAD.users, budget.thesis_seconds, THESIS_LOAD.think_seconds)
    if part == SERIAL:
        load = profiles.serial(budget.serial_seconds)
    if part == STEP:
        load = profiles.stepping(budget.step_rate, budget.step_seconds)
    # of a step all arms get the same load, also those whose one pod never gets company
    rotate = ROTATE if part == STEP else None
    return Request(load, part, place.plan.name, arm.name, block, place.seed(block), rotate)
