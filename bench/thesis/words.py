"""Figures over runs as text, in the report's own way. Pure."""

from bench.records.estimates import Estimate
from bench.report.words import NONE, count, estimate, number
from bench.thesis.compare import Over, Ratio


def figure(found: Over | None, unit: str = "") -> str:
    """`23.5 [23.2, 23.8] ms`; a question mark for an interval that is not known, a dash for nothing."""
    return f"{estimate(found.value)} {unit}".strip() if found else NONE


def percent(found: Over | None) -> str:
    """A share in %."""
    if found is None:
        return NONE
    ends = (None if end is None else 100 * end for end in (found.value.low, found.value.high))
    return f"{estimate(Estimate(100 * found.value.value, *ends))} %"


def times(found: Ratio | None) -> str:
    """A ratio with what identical stacks differ by."""
    if found is None:
        return NONE
    noise = "noise unknown" if found.floor is None else f"noise ×{number(found.floor)}"
    return f"×{estimate(found.value)}, {noise}"


def runs(found: Over) -> str:
    """`3 runs in 3 blocks`."""
    return f"{count(found.runs, 'run')} in {count(found.blocks, 'block')}"


def pairs(found: Ratio) -> str:
    """`3 pairs of runs`."""
    return count(found.pairs, "pair") + " of runs"
