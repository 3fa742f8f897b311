"""Mean batch sizes beside 1 + rate × timeout."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from bench.analysis.analysis import Analysis
from bench.analysis.batching import BatchPoint, predicted
from bench.report.document import Plot
from bench.report.palette import MUTED, of_server
from bench.report.plots import canvas, scales, svg
from stack.servers.server import Window


def sizes(found: Analysis) -> Plot | None:
    """Every good run of every stack that batches: measured over its rate; None where none batches."""
    names = list(dict.fromkeys(point.cell for point in found.batches))
    if not names:
        return None
    made = canvas.figure(
        1.6,
        "Are batches as large as the load makes them?",
        "Filled: Poisson arrivals, hollow: users who wait. Dashed: 1 + rate × timeout, up to the limit",
    )
    axes = canvas.multiples(made, len(names), 2.2)
    most = max(point.rate for point in found.batches)
    for each, name in zip(axes, names, strict=True):
        _panel(each, [point for point in found.batches if point.cell == name], most)
        canvas.heading(each, name)
        scales.logarithmic(each, "x")
        scales.logarithmic(each, "y")
        each.set_ylabel("requests in a batch" if canvas.is_first(each) else "")
    canvas.below(made, "requests/s for one pod")
    return svg.plot(made, "batch-size", "Mean batch size against the rate, measured and predicted.")


def _panel(axes: Axes, points: Sequence[BatchPoint], most: float) -> None:
    grid = np.geomspace(min(point.rate for point in points), most, 60)
    limits = Window(points[0].limit, points[0].timeout_seconds)
    line = [predicted(rate, limits) for rate in grid]
    axes.plot(grid, line, color=MUTED.light, linewidth=1.2, linestyle=canvas.DASHES)
    colour = of_server(points[0].server).light
    for closed in (False, True):
        own = [point for point in points if point.closed == closed]
        across, up = [point.rate for point in own], [point.measured for point in own]
        fill = "none" if closed else colour
        axes.plot(across, up, "o", color=colour, markerfacecolor=fill, markersize=4, alpha=0.7)
    canvas.note(axes, 0.04, 0.92, f"≤ {limits.limit}, {1000 * limits.seconds:g} ms", within=True)
