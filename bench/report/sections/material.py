"""What sections are made of."""

from dataclasses import dataclass

from bench.analysis.analysis import Analysis
from bench.analysis.cells import Cell
from bench.report.document import Plot


@dataclass(frozen=True)
class Material:
    """An experiment's analysis, and its runs, whose raw data only drawings need."""

    found: Analysis
    cells: tuple[Cell, ...]


def kept(*plots: Plot | None) -> tuple[Plot, ...]:
    """Those for which there was data."""
    return tuple(plot for plot in plots if plot is not None)
