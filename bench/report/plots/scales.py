"""Axes whose ticks are few and plain, and on which what hardly moves looks so."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

LEAST_SPAN = 6.0  # of a logarithmic axis


def logarithmic(axes: Axes, which: str) -> None:
    """A logarithmic axis (x or y) with plain numbers at 1, 2, 5, 10 …, fewer over many decades.

    It spans a factor of LEAST_SPAN at least, so that a figure that hardly moves looks like one: call
    it when all is drawn.
    """
    _widen(axes, which)
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    subs = _subs(axes, which, math.log10(high / max(low, 1e-9)))
    axis.set_major_locator(LogLocator(subs=subs, numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def _subs(axes: Axes, which: str, decades: float) -> tuple[int, ...]:
    """The ticks of a decade for which there is room."""
    made = axes.get_figure(root=True)
    inches = axes.get_position().width * made.get_figwidth() if made and which == "x" else 2.8
    room = inches / max(decades, 0.1)
    return (1,) if room < 0.55 else (1, 3) if room < 1.02 else (1, 2, 5)


def _widen(axes: Axes, which: str) -> None:
    """Of all axes that share this one."""
    across = which == "x"
    shared = (axes.get_shared_x_axes() if across else axes.get_shared_y_axes()).get_siblings(axes)
    seen = [each.dataLim.intervalx if across else each.dataLim.intervaly for each in shared]
    ends = [end for pair in seen for end in pair if 0 < end < math.inf]
    if not ends or max(ends) / min(ends) >= LEAST_SPAN:
        return
    middle, half = math.sqrt(min(ends) * max(ends)), math.sqrt(LEAST_SPAN)
    axes.update_datalim(
        [(end, end) for end in (middle / half, middle * half)], updatex=across, updatey=not across
    )
    axes.autoscale_view()


def few_ticks(axes: Axes, which: str, most: int = 5) -> None:
    """At most so many round whole numbers on a linear axis."""
    (axes.xaxis if which == "x" else axes.yaxis).set_major_locator(MaxNLocator(most, integer=True))
