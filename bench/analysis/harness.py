"""Where an experiment's own time went, by its journal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.records import Step


@dataclass(frozen=True)
class Harness:
    """Seconds of all finished steps, of those in which load was sent, and of the rest by kind of step."""

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
    total = sum(step.seconds for step in journal)
    if total <= 0:
        return None
    rest: dict[str, float] = defaultdict(float)
    for step in journal:
        rest[step.what] += step.seconds - step.load_seconds
    faults = tuple(f"block {s.block}, {s.arm}, {s.what}: {s.fault}" for s in journal if s.fault)
    load = sum(step.load_seconds for step in journal)
    ordered = dict(sorted(rest.items(), key=lambda item: (-item[1], item[0])))
    return Harness(round(total, 1), round(load, 1), ordered, faults)
