"""Plausible experiments on disk, without a cluster: simulated servers, all else by the bench itself."""

from collections.abc import Sequence
from pathlib import Path

from bench.load import profiles
from bench.records import store
from bench.records.experiment import SCHEMA, Budget, Experiment
from bench.records.parts import CONFIRM, SEARCH, SERIAL, STEP, THESIS
from bench.records.profile import Closed, Open, Phase
from tests.bench.specs import ALL, FEW, SMALL, Size, Spec
from tests.bench.visits import Visit

__all__ = ["ALL", "FEW", "SMALL", "Size", "Spec", "make"]


def make(results: Path, specs: Sequence[Spec] = FEW, size: Size = SMALL, name: str = "made") -> Path:
    """An experiment's folder: every arm in every block, its plan and its journal."""
    folder = results / name
    plan = _plan(name, specs, size)
    store.keep_bytes(folder, "README", b"made by the tests\n")
    store.keep(folder, store.EXPERIMENT, plan)
    for block, order in enumerate(plan.order, 1):
        for number, arm in enumerate(order):
            spec = next(each for each in specs if each.arm.name == arm)
            _visit(folder, spec, size, block, 1 + 0.02 * ((7 * block + 3 * number) % 5 - 2))
    return folder


def _plan(name: str, specs: Sequence[Spec], size: Size) -> Experiment:
    order = tuple(tuple(spec.arm.name for spec in specs[::direction]) for direction in (1, -1, 1, -1, 1))
    return Experiment(
        schema=SCHEMA,
        name=name,
        seed=7,
        created="2026-11-24T10:00:00+00:00",
        quick=size.blocks < 3,
        budget=Budget(
            thesis_seconds=size.thesis,
            serial_seconds=size.serial,
            baseline_seconds=1.0,
            trial_seconds=size.trial,
            confirm_seconds=size.confirm,
            search_trials=8,
        ),
        arms=tuple(spec.arm for spec in specs),
        order=order[: size.blocks],
        parts={spec.arm.name: (THESIS,) for spec in specs},
    )


def _visit(folder: Path, spec: Spec, size: Size, block: int, scale: float) -> None:
    visit = Visit(folder, spec, block, scale, size.extras)
    visit.note("up", 14.0, 0.0)
    if size.thesis:
        users = Closed(25, size.thesis, 1.0)
        visit.run(THESIS, users)
        if size.extras and block == 2 and spec.arm.name == "tf-default":
            visit.run(THESIS, users, "the generator sent late: lag p99 3.1 ms > 1 ms")
    if not spec.arm.through_port_forward:
        _own(visit, size)
    visit.note("destroy", 9.0, 0.0)


def _own(visit: Visit, size: Size) -> None:
    if size.serial:
        visit.run(SERIAL, profiles.serial(size.serial))
    if size.extras and not visit.spec.arm.twin_of:
        visit.baseline()
        visit.expect()
    if size.trial:
        search(visit, size)
    if size.extras and visit.spec.scaled:
        high = 0.7 * 2000 / visit.spec.server.millis
        low = Phase(high / 5, size.step / 3)
        visit.run(STEP, Open((low, Phase(high, size.step), low)))


def search(visit: Visit, size: Size) -> None:
    """A ramp until the objective is missed, bisections, a confirmation of the highest rate that met it."""
    met, rate = 0.0, 30.0
    while rate < 1000 and visit.trial(SEARCH, rate, size.trial):
        met, rate = rate, rate * 1.5
    failed = rate
    for _ in range(3 if met else 0):
        middle = (met * failed) ** 0.5
        met, failed = (middle, failed) if visit.trial(SEARCH, middle, size.trial) else (met, middle)
    for _ in range(5 if met else 0):
        if visit.trial(CONFIRM, met, size.confirm):
            return
        met /= 1.05
