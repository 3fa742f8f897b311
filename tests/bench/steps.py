"""A made shoot-out on disk: six ways to scale one server under a step of the load, simulated."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.experiment.plan import Size, draw
from bench.load import profiles
from bench.records import store
from bench.records.events import CREATED, FIRST, GROW, GROWN, IN, OUT, READY, SEEN, Event, Held
from bench.records.experiment import Arm, Budget, Experiment
from bench.records.parts import STEP
from stack import files, settings
from tests.bench.simulation import Simulated
from tests.bench.specs import Spec
from tests.bench.visits import Visit

RATE, SECONDS = 100.0, (5.0, 45.0, 10.0)
SERVER = "tensorflow-serving"
ONE = Simulated(workers=1, millis=11.5)  # of which one pod answers 87 a second


@dataclass(frozen=True)
class Way:
    """How an arm behaves: a pod, or as much CPU, more after so many seconds of the step; 0: none."""

    server: Simulated = ONE
    after: float = 0.0
    vertical: bool = False
    flaps: bool = False


WAYS = {
    "tf-one-700m": Way(),
    "tf-two-700m": Way(replace(ONE, pods=2)),
    "tf-hpa-plain": Way(after=30.0),
    "tf-hpa-headroom": Way(replace(ONE, pods=2)),
    "tf-keda-700m": Way(after=10.0, flaps=True),
    "tf-vpa-700m": Way(after=15.0, vertical=True),
}


def plan(blocks: int = 2) -> Experiment:
    """As `bench all --step` draws it."""
    stacks = {name: settings.read(files.stack_settings(files.path(name))) for name in WAYS}
    budget = Budget(1, 1, 1, 1, 1, 1, RATE, SECONDS)
    return draw("shoot-out", stacks, Size(blocks, 0, budget), "2026-11-20T10:00:00+00:00")


def make(results: Path, made: Experiment) -> Path:
    """Its plan, and every step of it."""
    folder = results / made.name
    store.keep(folder, store.EXPERIMENT, made)
    for block, order in enumerate(made.order, 1):
        for name in order:
            _step(folder, name, block)
    return folder


def _step(folder: Path, name: str, block: int) -> None:
    way = WAYS[name]
    visit = Visit(folder, Spec(Arm(name, name), way.server), block, 1.0, with_series=False)
    visit.later = SECONDS[0] + way.after if way.after else 0.0
    found = visit.run(STEP, profiles.stepping(RATE, SECONDS))
    kept = replace(found, events=tuple(_events(way)), held=tuple(_held(way)))
    store.keep(folder / name / found.run, store.SUMMARY, kept)


def _events(way: Way) -> Iterator[Event]:
    if not way.after:
        return
    at = SECONDS[0] + way.after
    yield Event(at - 8, SERVER, SEEN, "")
    yield Event(at - 6, SERVER, GROW if way.vertical else OUT, "")
    if way.vertical:
        yield Event(at, SERVER, GROWN, "limit 700m → 1400m")
        return
    for after, what in ((-6, CREATED), (-1, READY), (0, FIRST)):
        yield Event(at + after, SERVER, what, "new")
    for after, what in ((10, IN), (15, OUT)) if way.flaps else ():
        yield Event(at + after, SERVER, what, "")


def _held(way: Way) -> Iterator[Held]:
    pods = way.server.pods
    yield Held(-5.0, pods, pods, 0.35 * pods)
    if way.after:
        at = SECONDS[0] + way.after - 6
        yield Held(at, 1, 1, 0.7) if way.vertical else Held(at, 2, 1, 0.7)
