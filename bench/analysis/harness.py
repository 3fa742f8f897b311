"""Where an experiment's own time went, by its journal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.records.experiment import DESTROY, Step


@dataclass(frozen=True)
class Harness:
    """Seconds of all steps, of those in which load was sent, and of the rest by kind of step.

    A stack goes while the next comes: only what nothing else was done in counts for its going.
    """

    total_seconds: float
    load_seconds: float
    rest: Mapping[str, float]
    faults: tuple[str, ...]

    @property
    def share(self) -> float:
        """(total − load) ÷ total: what the harness takes for itself."""
        return (self.total_seconds - self.load_seconds) / self.total_seconds


def harness(journal: Sequence[Step]) -> Harness | None:
    """None for a journal without time in it."""
    spent = [_own_seconds(step, journal) for step in journal]
    total = sum(spent)
    if total <= 0:
        return None
    rest: dict[str, float] = defaultdict(float)
    for step, seconds in zip(journal, spent, strict=True):
        rest[step.what] += seconds - step.load_seconds
    faults = tuple(f"block {s.block}, {s.arm}, {s.what}: {s.fault}" for s in journal if s.fault)
    load = sum(step.load_seconds for step in journal)
    ordered = dict(sorted(rest.items(), key=lambda item: (-item[1], item[0])))
    return Harness(round(total, 1), round(load, 1), ordered, faults)


def _own_seconds(step: Step, journal: Sequence[Step]) -> float:
    """A step's time; of a departure only what no other step was busy in."""
    if step.what != DESTROY:
        return step.seconds
    begin, end = _span(step)
    spans = [_span(each) for each in journal if each.what != DESTROY]
    return max(0.0, step.seconds - sum(max(0.0, min(end, late) - max(begin, early)) for early, late in spans))


def _span(step: Step) -> tuple[float, float]:
    """When a step began and ended, Unix time."""
    began = datetime.fromisoformat(step.began).timestamp()
    return began, began + step.seconds
