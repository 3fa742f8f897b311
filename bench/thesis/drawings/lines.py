"""Panels of series over time, in the thesis's form: what its plots and ours share. Pure."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.report.palette import BLUE, MUTED, SERIES, Colour
from bench.report.plots import canvas
from bench.thesis.gather import Look

Points = tuple[tuple[float, float], ...]
"""(s since the load's start, value)."""

TIME = "s since the load's start"
HEADROOM = 1.15  # above the highest point


def drawn(looks: Sequence[Look], query: str, scale: float = 1.0) -> tuple[Points, ...]:
    """A query's lines in every run, while the load ran; values are divided by `scale`."""
    found = (
        _during(line.points, look.summary.total.seconds, scale)
        for look in looks
        for line in look.series.get(query, ())
    )
    return tuple(points for points in found if points)


def _during(points: Points, end: float, scale: float) -> Points:
    return tuple((when, value / scale) for when, value in points if 0 <= when <= end)


def highest(*groups: Sequence[Points], least: float = 0.0) -> float:
    """The top of an axis that shows all these lines, and `least`."""
    values = [value for group in groups for points in group for _, value in points]
    return HEADROOM * max([least, *values])


def panel(axes: Axes, name: str, lines: Sequence[Points], colour: Colour = BLUE) -> None:
    """Lines of one kind, from the load's start on."""
    _panel(axes, name, lines, (colour,))


def pods(axes: Axes, name: str, lines: Sequence[Points]) -> None:
    """A colour for each pod of one run."""
    _panel(axes, name, lines, SERIES)


def _panel(axes: Axes, name: str, lines: Sequence[Points], colours: Sequence[Colour]) -> None:
    canvas.heading(axes, name)
    for number, points in enumerate(lines):
        colour = colours[number % len(colours)].light
        axes.plot(*zip(*points, strict=True), color=colour, marker="o", markersize=3, alpha=0.85)
    if not lines:
        canvas.note(axes, 0.4, 0.5, "no series kept", within=True)
    axes.set_xlim(left=0)


def bound(axes: Axes, value: float, text: str = "", colour: Colour = MUTED) -> None:
    """A dashed line across, named above it on the left."""
    axes.axhline(value, color=colour.light, linewidth=1.1, linestyle=canvas.DASHES)
    axes.annotate(
        text,
        (0.02, value),
        (0, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=canvas.SMALL,
        color=colour.light,
        zorder=5,
    )
