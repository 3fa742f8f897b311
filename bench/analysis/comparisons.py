"""Capacities and latencies compared by block, and the noise of two identical stacks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.capacities import held_by_block
from bench.analysis.cells import Cell, baseline_of, by_block
from bench.records.estimates import Estimate, noise_floor, paired_ratio, verdict
from bench.records.parts import THESIS
from bench.records.run import Summary

CAPACITY, P50, P95, P99 = "SLO capacity", "p50", "p95", "p99"
Blocks = Mapping[int, float]


@dataclass(frozen=True)
class Comparison:
    """A cell ÷ its baseline, over the blocks that have both.

    `ratio` is None where a block's figure is 0. `floor` is the factor by which identical stacks may differ.
    `word`: lower, higher, no difference, unknown.
    """

    measure: str
    baseline: str
    pairs: int
    ratio: Estimate | None
    floor: float | None
    word: str


@dataclass(frozen=True)
class Noise:
    """A twin ÷ the arm that it repeats. `floor`: the factor ≥ 1 up to which all is noise, None if unknown."""

    measure: str
    twin: str
    original: str
    pairs: int
    ratio: Estimate | None
    floor: float | None


def _percentile(name: str) -> Callable[[Cell], Blocks]:
    def figure(made: Summary) -> float | None:
        return made.judged.percentile(name)

    return lambda cell: by_block(cell.good(THESIS), figure)


MEASURES: Mapping[str, Callable[[Cell], Blocks]] = {
    CAPACITY: held_by_block,
    P50: _percentile(P50),
    P95: _percentile(P95),
    P99: _percentile(P99),
}


def noise(known: Sequence[Cell]) -> tuple[Noise, ...]:
    """Every measure of every twin that has one."""
    found = []
    for twin in known:
        own = [each for each in known if each.arm.name == twin.arm.twin_of and each.server == twin.server]
        for original in own:
            found += [_noise(measure, twin, original) for measure in MEASURES]
    return tuple(each for each in found if each.pairs)


def _noise(measure: str, twin: Cell, original: Cell) -> Noise:
    ratio, pairs = paired(MEASURES[measure](original), MEASURES[measure](twin))
    floor = noise_floor(ratio) if ratio else None
    return Noise(measure, twin.name, original.name, pairs, ratio, floor)


def floor_of(measure: str, seen: Iterable[Noise]) -> float | None:
    """The largest noise floor of a measure over all twins; None if no twin tells one."""
    known = [each.floor for each in seen if each.measure == measure and each.floor is not None]
    return max(known, default=None)


def comparisons(cell: Cell, known: Sequence[Cell], arm: str, seen: Sequence[Noise]) -> tuple[Comparison, ...]:
    """A cell against the baseline arm, in every measure that both have; nothing for the baseline itself."""
    base = baseline_of(cell, known, arm)
    if base is None or base is cell:
        return ()
    made = (compare(measure, base, cell, floor_of(measure, seen)) for measure in MEASURES)
    return tuple(each for each in made if each.pairs)


def compare(measure: str, base: Cell, cell: Cell, floor: float | None) -> Comparison:
    """One measure of a cell ÷ its base's."""
    ratio, pairs = paired(MEASURES[measure](base), MEASURES[measure](cell))
    word = verdict(ratio, floor) if ratio else "unknown"
    return Comparison(measure, base.name, pairs, ratio, floor, word)


def paired(base: Blocks, other: Blocks) -> tuple[Estimate | None, int]:
    """The ratio over the blocks that have both figures, and how many have; a figure of 0 has no ratio."""
    shared = [block for block in base if block in other]
    usable = [block for block in shared if base[block] > 0 and other[block] > 0]
    if not usable or len(usable) < len(shared):
        return None, len(shared)
    return paired_ratio([base[block] for block in usable], [other[block] for block in usable]), len(usable)


def median_over_runs(values: Sequence[float]) -> Estimate:
    """The median of a figure of several runs, with Student's interval of the logarithms' mean around it.

    Three to five runs are too few for an interval of the median that supposes nothing. Figures are above 0.
    Raises ValueError for none.
    """
    middle = median(values)
    spread = paired_ratio([1.0] * len(values), values)
    if spread.low is None or spread.high is None:
        return Estimate(middle, None, None)
    return Estimate(middle, min(spread.low, middle), max(spread.high, middle))
