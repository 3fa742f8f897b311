"""Which stack to run, by SLO capacity first and cost among those that noise cannot tell apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.capacities import Capacity
from bench.analysis.cells import Cell, baseline_of
from bench.analysis.comparisons import CAPACITY, Comparison, Noise, compare, floor_of
from bench.analysis.cost import Cost
from bench.records.estimates import Estimate


@dataclass(frozen=True)
class Verdict:
    """The stack to run.

    `rate`: its SLO capacity in requests/s. `highest` has the highest capacity of those whose capacity has an
    interval, or of all where none has; `equals` are not shown to differ from it, so that the cheapest of them
    wins; `lower` are shown to be lower; of `unknown` nothing may be said; `none` hold no rate at all.
    `floor`: the factor by which identical stacks may differ. `gain`: the winner ÷ the baseline.
    """

    winner: str
    arm: str
    server: str
    is_stand_in: bool
    rate: Estimate
    lowest_block: float
    blocks: int
    cost: Cost | None
    highest: str
    equals: tuple[str, ...]
    lower: tuple[str, ...]
    unknown: tuple[str, ...]
    none: tuple[str, ...]
    floor: float | None
    gain: Comparison | None


def verdict(
    known: Sequence[Cell],
    held: Mapping[str, Capacity],
    costs: Mapping[str, Cost | None],
    baseline: str,
    seen: Sequence[Noise],
) -> Verdict | None:
    """Capacities and costs are by cell. None if no competing cell held any rate."""
    running = [cell for cell in known if cell.competes and _value(held[cell.name]) > 0]
    if not running:
        return None
    highest = max(running, key=lambda cell: (_is_bounded(held[cell.name]), _value(held[cell.name])))
    floor = floor_of(CAPACITY, seen)
    words = {
        cell.name: compare(CAPACITY, highest, cell, floor).word for cell in running if cell is not highest
    }
    equals = [name for name, word in words.items() if word == "no difference"]
    tied = [highest, *(cell for cell in running if cell.name in equals)]
    best = min(tied, key=lambda cell: (_price(costs.get(cell.name)), -_value(held[cell.name])))
    rate = held[best.name].estimate
    assert rate is not None
    return Verdict(
        winner=best.name,
        arm=best.arm.name,
        server=best.server,
        is_stand_in=best.is_stand_in,
        rate=rate,
        lowest_block=min(held[best.name].by_block.values()),
        blocks=len(held[best.name].by_block),
        cost=costs.get(best.name),
        highest=highest.name,
        equals=tuple(cell.name for cell in tied if cell is not best),
        lower=tuple(name for name, word in words.items() if word == "lower"),
        unknown=tuple(name for name, word in words.items() if word in ("unknown", "higher")),
        none=tuple(cell.name for cell in known if cell.competes and _holds_none(held[cell.name])),
        floor=floor,
        gain=_gain(best, known, baseline, floor),
    )


def _value(found: Capacity) -> float:
    return found.estimate.value if found.estimate else 0.0


def _is_bounded(found: Capacity) -> bool:
    return found.estimate is not None and found.estimate.low is not None


def _holds_none(found: Capacity) -> bool:
    return bool(found.by_block) and _value(found) <= 0


def _price(found: Cost | None) -> float:
    return found.requested if found else float("inf")


def _gain(best: Cell, known: Sequence[Cell], baseline: str, floor: float | None) -> Comparison | None:
    base = baseline_of(best, known, baseline)
    return None if base is None or base is best else compare(CAPACITY, base, best, floor)
