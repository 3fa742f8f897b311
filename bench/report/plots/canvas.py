"""Figures as this report draws them: one style, sizes in inches, an SVG for light and dark paper, a PNG."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from bench.report import palette
from bench.report.document import Plot
from bench.report.palette import INK, LINE, MUTED, PAPER

WIDTH = 11.0
HEAD = 0.75  # of a figure, for its title
FOOT = 0.6
PNG_DPI = 100
SMALL, NORMAL, LARGE = 8.5, 9.5, 13.0
DASHES = (0, (4, 3))  # of limits and predictions
STYLE = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": NORMAL,
    "text.color": INK.light,
    "figure.facecolor": PAPER.light,
    "axes.facecolor": PAPER.light,
    "axes.edgecolor": LINE.light,
    "axes.labelcolor": MUTED.light,
    "axes.labelsize": NORMAL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE.light,
    "grid.linewidth": 0.6,
    "xtick.color": LINE.light,
    "ytick.color": LINE.light,
    "xtick.labelcolor": MUTED.light,
    "ytick.labelcolor": MUTED.light,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "path.simplify_threshold": 0.5,
}


@contextmanager
def style(name: str = "emotion-serving") -> Iterator[None]:
    """Draw within it; `name` makes the SVG's identifiers, the same every time."""
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):  # type: ignore[arg-type]  # its keys are literals
        yield


def figure(height: float, title: str, subtitle: str = "") -> Figure:
    """An empty figure with a title that tells the finding or the question."""
    made = Figure(figsize=(WIDTH, height))
    made.text(0.12 / WIDTH, 1 - 0.12 / height, title, va="top", fontsize=LARGE, fontweight="bold")
    if subtitle:
        made.text(0.12 / WIDTH, 1 - 0.42 / height, subtitle, va="top", color=MUTED.light)
    return made


def key(made: Figure, entries: Sequence[tuple[str, palette.Colour]]) -> None:
    """What the colours mean, in a line at the top right."""
    right = WIDTH - 0.2
    for label, colour in reversed(entries):
        place = (right / WIDTH, 1 - 0.42 / made.get_figheight())
        made.text(*place, f"● {label}", ha="right", va="top", color=colour.light, fontsize=NORMAL)
        right -= 0.4 + 0.078 * len(label)


def panels(
    made: Figure,
    rows: int,
    columns: int,
    *,
    left: float = 0.65,
    right: float = 0.2,
    gap: tuple[float, float] = (0.25, 0.45),
    share: bool = True,
    headed: bool = True,
    ratios: Sequence[float] | None = None,
) -> list[Axes]:
    """A grid of axes below the title, row by row; margins and gaps (across, down) in inches.

    `share`: all axes have one scale, labelled at the margins only. `headed`: panels have names. `ratios`: the
    heights of the rows.
    """
    height, top = made.get_figheight(), HEAD + (0.2 if headed else 0.0)
    spec = made.add_gridspec(
        rows,
        columns,
        left=left / WIDTH,
        right=1 - right / WIDTH,
        top=1 - top / height,
        bottom=FOOT / height,
        wspace=gap[0] * columns / (WIDTH - left - right - gap[0] * (columns - 1)),
        hspace=gap[1] * rows / (height - top - FOOT - gap[1] * (rows - 1)),
        height_ratios=ratios,
    )
    axes = spec.subplots(sharex=share, sharey=share, squeeze=False)
    return [each for row in axes for each in row]


def multiples(made: Figure, count: int) -> list[Axes]:
    """Small multiples for `count` panels of one scale, four in a row; those that are left over are hidden."""
    columns = min(4, max(2, count))
    rows = -(-count // columns)
    axes = panels(made, rows, columns)
    for number, each in enumerate(axes):
        each.set_visible(number < count)
        if number < count <= number + columns:
            each.tick_params(labelbottom=True)
    return axes[:count]


def heading(axes: Axes, text: str, colour: palette.Colour = INK) -> None:
    """A panel's name, above it on the left."""
    axes.set_title(text, loc="left", y=1.0, fontsize=NORMAL, color=colour.light, pad=4)  # a fixed y is fast


def note(
    axes: Axes, x: float, y: float, text: str, *, within: bool = False, colour: palette.Colour = MUTED
) -> None:
    """A small remark at data coordinates, or at shares of the axes `within` it; it begins there."""
    where = axes.transAxes if within else axes.transData
    axes.text(x, y, text, va="center", fontsize=SMALL, color=colour.light, transform=where)


def below(made: Figure, text: str) -> None:
    """The label of all horizontal axes."""
    made.supxlabel(text, fontsize=SMALL, color=MUTED.light)


def limit(axes: Axes, value: float, *, upright: bool = False) -> None:
    """A dashed line: something that should not be passed."""
    draw = axes.axvline if upright else axes.axhline
    draw(value, color=MUTED.light, linewidth=1, linestyle=DASHES)


def logarithmic(axes: Axes, which: str) -> None:
    """A logarithmic axis (x or y) with plain numbers at 1, 2, 5, 10 …, fewer over many decades."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    decades = high / max(low, 1e-9)
    subs = (1,) if decades > 5000 else (1, 3) if decades > 500 else (1, 2, 5)
    axis.set_major_locator(LogLocator(subs=subs, numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def few_ticks(axes: Axes, which: str, most: int = 5) -> None:
    """At most so many round whole numbers on a linear axis."""
    (axes.xaxis if which == "x" else axes.yaxis).set_major_locator(MaxNLocator(most, integer=True))


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """A row for each name, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", labelcolor=INK.light, labelsize=NORMAL, length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def plot(made: Figure, name: str, says: str) -> Plot:
    """Render a figure, byte-identical every time."""
    text, image = io.StringIO(), io.BytesIO()
    made.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    made.savefig(image, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return Plot(name, says, inline_svg(text.getvalue(), says), image.getvalue())


def inline_svg(text: str, says: str) -> str:
    """A drawing to stand in a page: its colours are the page's variables; what cannot be seen is left out."""
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r' id="[A-Za-z]+[A-Za-z0-9]*_[0-9]+"', "", body)
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", body, count=1)
    body = re.sub(
        r'(<svg[^>]*?) height="[^"]*"', rf'\1 role="img" aria-label="{escape(says)}"', body, count=1
    )
    for colour in palette.ALL:
        body = body.replace(colour.light, f"var(--{colour.name})")
    return re.sub(r"\n\s*", "\n", body).strip()


def standalone_svg(inline: str) -> str:
    """The same as a file of its own, which follows the reader's colour scheme."""
    head, tag, rest = inline.partition(">")
    sheet = f"<style>\n{palette.style_sheet()}</style>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{tag}\n{sheet}{rest}\n'


def files(plots: Sequence[Plot]) -> Iterator[tuple[str, bytes]]:
    """Each plot as a file of its own, twice."""
    for plot in plots:
        yield f"plots/{plot.name}.svg", standalone_svg(plot.svg).encode()
        yield f"plots/{plot.name}.png", plot.png
