"""Latency distributions from raw samples: quantiles of every run, then their median and range over runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.analysis.capacities import at_capacity
from bench.analysis.cells import Cell
from bench.load.plan import LEAD_SECONDS
from bench.records.parts import CONFIRM, SERIAL, SOAK, THESIS, TRIALS
from bench.records.profile import Open
from bench.records.store import Run

Millis = NDArray[np.float64]
# Dense where latencies are of interest: the whole body, then the tail up to 99.9 %.
SHARES = np.concatenate([np.linspace(0.005, 0.9, 60), 1 - np.geomspace(0.1, 0.001, 40)[1:]])
LABELS = {
    THESIS: "thesis profile",
    SERIAL: "one request in flight",
    CONFIRM: "at the SLO capacity",
    SOAK: "soak",
}


@dataclass(frozen=True)
class Curve:
    """Quantiles in ms at the shares SHARES: the median over runs, and the lowest and highest run's."""

    cell: str
    server: str
    part: str
    runs: int
    middle: Millis
    low: Millis
    high: Millis


def curves(known: Sequence[Cell]) -> tuple[Curve, ...]:
    """Every cell under every kind of load of one rate. Raises ReadError for unreadable samples."""
    return tuple(curve for cell in known for part in LABELS if (curve := _curve(cell, part)) is not None)


def _curve(cell: Cell, part: str) -> Curve | None:
    runs = at_capacity(cell) if part == CONFIRM else cell.good(part)
    rows = [quantiles(each) for each in map(latencies, runs) if len(each)]
    if not rows:
        return None
    table = np.stack(rows)
    return Curve(
        cell=cell.name,
        server=cell.server,
        part=part,
        runs=len(rows),
        middle=np.median(table, axis=0),
        low=table.min(axis=0),
        high=table.max(axis=0),
    )


def latencies(run: Run) -> Millis:
    """Those of the good answers in the stretch that counts, in ms. Raises ReadError."""
    return np.fromiter(_counted(run), dtype=np.float64)


def _counted(run: Run) -> Iterator[float]:
    made = run.summary
    begin = 0.0
    if made.part in TRIALS and isinstance(made.profile, Open):
        begin = 1000 * (LEAD_SECONDS + sum(phase.seconds for phase in made.profile.phases[:-1]))
    return (each.latency for each in run.samples() if each.good and each.due >= begin)


def quantiles(millis: Millis) -> Millis:
    """Nearest-rank quantiles at SHARES. Raises IndexError for no sample."""
    ranks = np.ceil(SHARES * len(millis)).astype(int) - 1
    found: Millis = np.sort(millis)[np.maximum(ranks, 0)]
    return found
