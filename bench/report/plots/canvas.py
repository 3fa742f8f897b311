"""Figures as this report draws them: one style, sizes in inches, for wide paper and for a phone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from bench.report import palette
from bench.report.palette import INK, LINE, MUTED, PAPER

WIDTH = 11.0
NARROW = 4.6
NARROWER = 0.76  # a margin on narrow paper
LETTER, BOLD_LETTER = 0.071, 0.112  # inches, the width of one in a subtitle and in a title
HEAD = 0.75  # of a figure, for its title
FOOT = 0.6
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


Key = tuple[str, palette.Colour]
"""What a colour means, and the colour."""


@contextmanager
def style(name: str = "emotion-serving", *, width: float = WIDTH) -> Iterator[None]:
    """Draw within it, on paper of a width in inches: WIDTH, or NARROW for phones.

    `name` makes the SVG's identifiers, the same every time.
    """
    own = {"figure.figsize": (width, 1.0), "svg.hashsalt": f"{name}-{width:g}"}
    with mpl.rc_context(STYLE | own):  # type: ignore[arg-type]  # its keys are literals
        yield


def is_narrow(made: Figure) -> bool:
    """Panels stand below each other, margins are smaller."""
    return made.get_figwidth() < WIDTH


def figure(height: float, title: str, subtitle: str = "", key: Sequence[Key] = ()) -> Figure:
    """An empty figure with a title that tells the finding or the question, and what its colours mean.

    `height` in inches is that with one line of each; it grows with more.
    """
    made = Figure()
    width = made.get_figwidth()
    lines = wrap(title, int((width - 0.3) / BOLD_LETTER))
    below_it = wrap(subtitle, int((width - 0.3) / LETTER))
    beside = LETTER * len(subtitle) + sum(map(_key_width, key)) < width - 0.3
    keys = [list(key)] if beside else _key_lines(key, width - 0.2)
    heights = 0.3 + 0.24 * (len(lines) - 1), 0.17 * max(0, len(below_it) - 1)
    head = HEAD + sum(heights) - 0.3 + (0 if beside else 0.2 * len(keys))
    made.set_figheight(height + head - HEAD)
    made.subplots_adjust(top=1 - head / made.get_figheight())
    _put(made, 0.12, 0.12, "\n".join(lines), fontsize=LARGE, fontweight="bold")
    _put(made, 0.12, 0.12 + heights[0], "\n".join(below_it), color=MUTED.light)
    down = 0.12 + heights[0] if beside else 0.32 + sum(heights)
    for number, line in enumerate(keys):
        _key(made, line, width - 0.1 - sum(map(_key_width, line)) if beside else 0.12, down + 0.2 * number)
    return made


def _put(made: Figure, across: float, down: float, text: str, **how: object) -> None:
    """A text whose upper left is so many inches from the figure's, whatever height that will have."""
    where = made.transFigure + ScaledTranslation(across, -down, made.dpi_scale_trans)
    made.text(0, 1, text, va="top", transform=where, **how)  # type: ignore[arg-type]  # of a text


def _key_width(entry: Key) -> float:
    return 0.4 + 0.078 * len(entry[0])


def _key_lines(entries: Sequence[Key], width: float) -> list[list[Key]]:
    lines: list[list[Key]] = [[]]
    for entry in entries:
        if lines[-1] and sum(map(_key_width, [*lines[-1], entry])) > width:
            lines.append([])
        lines[-1].append(entry)
    return lines


def _key(made: Figure, entries: Sequence[Key], across: float, down: float) -> None:
    for entry in entries:
        _put(made, across, down, f"● {entry[0]}", color=entry[1].light, fontsize=NORMAL)
        across += _key_width(entry)


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
    stack: bool = True,
) -> list[Axes]:
    """A grid of axes below the title, row by row; margins and gaps (across, down) in inches.

    `share`: all axes have one scale, labelled at the margins only. `headed`: panels have names. `ratios`: the
    heights of the rows. On narrow paper panels of one row stand below each other, unless `stack` is false.
    """
    if is_narrow(made):
        left, right = (NARROWER * margin if margin > 1 else margin for margin in (left, right))
        if stack and rows == 1 and columns > 1:
            rows, columns, gap = columns, 1, (gap[0], 0.6)
            _grow(made, (rows - 1) * (_body(made, headed) + gap[1]))
    width, height, top = made.get_figwidth(), made.get_figheight(), _top(made, headed)
    spec = made.add_gridspec(
        rows,
        columns,
        left=left / width,
        right=1 - right / width,
        top=1 - top / height,
        bottom=FOOT / height,
        wspace=gap[0] * columns / (width - left - right - gap[0] * (columns - 1)),
        hspace=gap[1] * rows / (height - top - FOOT - gap[1] * (rows - 1)),
        height_ratios=ratios,
    )
    axes = spec.subplots(sharex=share, sharey=share, squeeze=False)
    return [each for row in axes for each in row]


def _top(made: Figure, headed: bool) -> float:
    """What title and a panel's name take, in inches."""
    return (1 - made.subplotpars.top) * made.get_figheight() + (0.2 if headed else 0.0)


def _body(made: Figure, headed: bool) -> float:
    return made.get_figheight() - _top(made, headed) - FOOT


def _grow(made: Figure, more: float) -> None:
    """Add height in inches below the head."""
    before, head = made.get_figheight(), _top(made, headed=False)
    made.set_figheight(before + more)
    made.subplots_adjust(top=1 - head / (before + more))


def multiples(made: Figure, count: int, each: float = 1.75) -> list[Axes]:
    """Small multiples for `count` panels of one scale; the figure grows by `each` inches a row.

    There are as many in a row as leave the fewest places empty; those are hidden.
    """
    columns = _columns(count, most=2 if is_narrow(made) else 5)
    rows = -(-count // columns)
    _grow(made, rows * each)
    axes = panels(made, rows, columns, stack=False)
    for number, one in enumerate(axes):
        one.set_visible(number < count)
        if number < count <= number + columns:
            one.tick_params(labelbottom=True)
    return axes[:count]


def _columns(count: int, most: int) -> int:
    """Of at most so many; of a few rows, whichever leave the fewest places empty."""
    if count <= most or most < 3:
        return min(count, most)
    return min((4, 5, 3), key=lambda columns: -count % columns)


def is_first(axes: Axes) -> bool:
    """In the first column, where axes are labelled."""
    place = axes.get_subplotspec()
    return place is None or place.is_first_col()


def heading(axes: Axes, text: str, colour: palette.Colour = INK) -> None:
    """A panel's name, above it on the left."""
    axes.set_title(text, loc="left", y=1.0, fontsize=_size(axes), color=colour.light, pad=4)


def note(
    axes: Axes, x: float, y: float, text: str, *, within: bool = False, colour: palette.Colour = MUTED
) -> None:
    """A small remark at data coordinates, or at shares of the axes `within` it; it begins there."""
    where = axes.transAxes if within else axes.transData
    axes.text(x, y, text, va="center", fontsize=SMALL, color=colour.light, transform=where)


def _size(axes: Axes) -> float:
    made = axes.get_figure(root=True)
    return SMALL if made and is_narrow(made) else NORMAL


def below(made: Figure, text: str) -> None:
    """The label of all horizontal axes."""
    made.supxlabel(text, fontsize=SMALL, color=MUTED.light)


def limit(axes: Axes, value: float, *, upright: bool = False) -> None:
    """A dashed line: something that should not be passed."""
    draw = axes.axvline if upright else axes.axhline
    draw(value, color=MUTED.light, linewidth=1, linestyle=DASHES)


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """A row for each name, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", labelcolor=INK.light, labelsize=_size(axes), length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
