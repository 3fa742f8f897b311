"""What Prometheus knows of a run: queries and their series."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One series of a query. Points are (seconds since the load's start, value)."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Drawn:
    """What Prometheus answered to one query over a run, warm-up and a margin included.

    `name`, `unit` and `promql` are those of `stack.queries`; a line's name is the query's legend.
    """

    name: str
    unit: str
    promql: str
    lines: tuple[Line, ...]
