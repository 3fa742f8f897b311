"""What runs say together: a figure with its interval, and two arms compared by blocks. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.comparisons import median_over_runs
from bench.analysis.comparisons import paired as ratio_of
from bench.records import estimates
from bench.records.estimates import Estimate
from bench.thesis.figures import Figure
from bench.thesis.gather import Look, Seen

ALONE = 1.0  # the floor of a figure that the A/A pair does not have: its interval decides alone

Blocks = Mapping[int, float]
"""A figure by block."""


@dataclass(frozen=True)
class Over:
    """A figure over runs, or over blocks for a capacity: median or mean, with its interval."""

    value: Estimate
    runs: int
    blocks: int


@dataclass(frozen=True)
class Ratio:
    """Other ÷ baseline over pairs of blocks. `floor`: the factor by which identical stacks may differ."""

    value: Estimate
    floor: float | None
    pairs: int

    @property
    def word(self) -> str:
        """lower, higher, no difference, unknown."""
        return estimates.verdict(self.value, self.floor)


def over(looks: Sequence[Look], figure: Figure) -> Over | None:
    """The median of a figure over runs; None where no run tells it."""
    told = [(look.summary.block, value) for look in looks if (value := figure(look)) is not None]
    if not told:
        return None
    values = [value for _, value in told]
    made = median_over_runs(values) if min(values) > 0 else estimates.over_runs(values)
    return Over(made, len(told), len({block for block, _ in told}))


def by_block(looks: Sequence[Look], figure: Figure) -> Blocks:
    """The median of each block's runs."""
    told = [(look.summary.block, value) for look in looks if (value := figure(look)) is not None]
    return {block: median(value for at, value in told if at == block) for block in sorted(dict(told))}


def capacities(seen: Seen, arm: str) -> Blocks:
    """The rate that an arm held in each block, in requests/s; 0 where none met the objective."""
    return seen.held[arm].by_block if arm in seen.held else {}


def capacity_of(seen: Seen, arm: str) -> Over | None:
    """The rate that an arm holds, over blocks."""
    found = seen.held.get(arm)
    if found is None or found.estimate is None:
        return None
    return Over(found.estimate, len(found.by_block), len(found.by_block))


def ratio(seen: Seen, other: str, baseline: str, figure: Figure, floor: float | None = None) -> Ratio | None:
    """A figure under the thesis's load of one arm ÷ that of another.

    The floor is the A/A pair's unless it is given.
    """

    def told(arm: str) -> Blocks:
        return by_block(seen.of(arm), figure)

    return paired(told(baseline), told(other), floor or noise(seen, told))


def capacity_ratio(seen: Seen, other: str, baseline: str) -> Ratio | None:
    """The rate that one arm holds ÷ that of another."""
    floor = noise(seen, lambda arm: capacities(seen, arm))
    return paired(capacities(seen, baseline), capacities(seen, other), floor)


def paired(baseline: Blocks, other: Blocks, floor: float | None) -> Ratio | None:
    """Other ÷ baseline over the blocks that have both; None if there is none, or one holds nothing."""
    value, pairs = ratio_of(baseline, other)
    return Ratio(value, floor, pairs) if value else None


def noise(seen: Seen, told: Callable[[str], Blocks]) -> float | None:
    """The largest factor by which the experiment's A/A pairs differ in a figure; None if no pair tells it."""
    twins = [cell.arm for cell in seen.cells if cell.arm.twin_of and not cell.arm.through_port_forward]
    pairs = [paired(told(twin.twin_of or ""), told(twin.name), None) for twin in twins]
    floors = [estimates.noise_floor(pair.value) for pair in pairs if pair]
    return max((floor for floor in floors if floor is not None), default=None)
