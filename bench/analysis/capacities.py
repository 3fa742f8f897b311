"""The SLO capacity of a cell: what it held in each block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.cells import Cell
from bench.records.estimates import Estimate, over_runs
from bench.records.parts import CONFIRM, RATE, TRIALS
from bench.records.profile import Open
from bench.records.run import Stretch, Summary
from bench.records.store import Run
from bench.trial.capacity import MOST_RATE, asked, held, known, misses


@dataclass(frozen=True)
class Capacity:
    """Requests/s by block; 0 where no rate that was tried met the objective.

    `unconfirmed` are blocks in which a rate met it in the search and none was confirmed: they are left out.
    `unsent` are blocks in which the generator could not send more beside the server: it held that or more.
    `estimate` is the mean over blocks with a bootstrap interval; None if no block tells anything.
    """

    by_block: Mapping[int, float]
    unconfirmed: tuple[int, ...]
    estimate: Estimate | None
    unsent: tuple[int, ...] = ()

    @property
    def at_bound(self) -> tuple[int, ...]:
        """Blocks in which the highest rate that is ever tried was held: the capacity is that or more."""
        return tuple(block for block, rate in self.by_block.items() if rate >= MOST_RATE)


@dataclass(frozen=True)
class TrialPoint:
    """One rate that was offered, requests/s, and what came of it; percentiles in ms. `kind`: a part."""

    cell: str
    server: str
    block: int
    kind: str
    rate: float
    met: bool
    p50: float | None
    p95: float | None
    p99: float | None
    why: str


def capacity(cell: Cell) -> Capacity:
    """What a cell held, with its interval."""
    found = held_by_block(cell)
    left_out = tuple(block for block in _trials(cell) if block not in found)
    unsent = tuple(block for block, rate in found.items() if _ends_unsent(cell, block, rate))
    return Capacity(found, left_out, over_runs(list(found.values())) if found else None, unsent)


def _ends_unsent(cell: Cell, block: int, rate: float) -> bool:
    """Whether of the rates above the held one the lowest was missed for nothing but the generator."""
    own = [each for each in cell.summaries if each.block == block and each.part in TRIALS]
    above = [trial for trial in known(own) if not trial.met and trial.rate > rate]
    return bool(above) and min(above, key=lambda trial: trial.rate).unsent


def held_by_block(cell: Cell) -> dict[int, float]:
    """What a cell held in each block; one whose trials are all void, or unconfirmed, says nothing."""
    found: dict[int, float] = {}
    for block, trials in _trials(cell).items():
        rate = held(trials)
        if rate is not None:
            found[block] = rate
        elif not any(trial.met for trial in known(trials)):
            found[block] = 0.0
    return found


def _trials(cell: Cell) -> dict[int, list[Summary]]:
    blocks: dict[int, list[Summary]] = {}
    for run in cell.good(*TRIALS):
        blocks.setdefault(run.summary.block, []).append(run.summary)
    return blocks


def at_capacity(cell: Cell) -> tuple[Run, ...]:
    """The confirmations that tell the capacity: in each block those at the rate that was held."""
    rates = held_by_block(cell)
    return tuple(
        run
        for run in cell.good(CONFIRM)
        if rates.get(run.summary.block) == asked(run.summary.profile)
        and not misses(run.summary.judged, run.summary.slo)
    )


def trial_points(cell: Cell) -> Iterator[TrialPoint]:
    """Every good trial, and every rate of a load of several, by rate."""
    found = [*(_of_trial(cell, run.summary) for run in cell.good(*TRIALS))]
    found += [point for run in cell.good(RATE) for point in _of_rates(cell, run.summary)]
    yield from sorted(found, key=lambda point: (point.rate, point.block))


def _of_trial(cell: Cell, made: Summary) -> TrialPoint:
    why = (*made.overload, *misses(made.judged, made.slo))
    return _point(cell, made, made.judged, asked(made.profile), why)


def _of_rates(cell: Cell, made: Summary) -> Iterator[TrialPoint]:
    phases = made.profile.phases if isinstance(made.profile, Open) else ()
    for phase, part in zip(phases, made.phases, strict=False):
        yield _point(cell, made, part, phase.rate, misses(part, made.slo))


def _point(cell: Cell, made: Summary, part: Stretch, rate: float, why: Sequence[str]) -> TrialPoint:
    known = {name: each.value for name, each in part.latency.percentiles.items()} if part.latency else {}
    return TrialPoint(
        cell=cell.name,
        server=cell.server,
        block=made.block,
        kind=made.part,
        rate=rate,
        met=not why,
        p50=known.get("p50"),
        p95=known.get("p95"),
        p99=known.get("p99"),
        why="; ".join(why),
    )
