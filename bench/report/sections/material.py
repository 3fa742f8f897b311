"""What sections are made of."""

from dataclasses import dataclass

from bench.analysis.analysis import Analysis
from bench.analysis.cells import Cell
from bench.analysis.curves import Curve
from bench.report.document import Plot


@dataclass(frozen=True)
class Material:
    """An experiment's analysis, and the raw data that only drawings need."""

    found: Analysis
    cells: tuple[Cell, ...]
    curves: tuple[Curve, ...]


def kept(*plots: Plot | None) -> tuple[Plot, ...]:
    """Those for which there was data."""
    return tuple(plot for plot in plots if plot is not None)
