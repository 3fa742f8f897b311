"""Every stack against the baseline, and how far two identical stacks lie apart."""

from matplotlib.axes import Axes

from bench.analysis.analysis import Analysis, Row
from bench.analysis.comparisons import CAPACITY, P95, floor_of
from bench.records.estimates import Estimate
from bench.report.document import Plot
from bench.report.palette import GREEN, INK, LINE, MUTED, ORANGE
from bench.report.plots import canvas, scales, svg
from bench.report.words import number

MEASURES = (
    (CAPACITY, "SLO capacity (right is better)", 1),
    (P95, "p95, thesis profile (left is better)", -1),
)


def ratios(found: Analysis) -> Plot | None:
    """Ratios to the baseline with intervals, the noise floor shaded; None with nothing to compare."""
    rows = [row for row in found.rows if any(each.ratio for each in row.comparisons)]
    shown = [each for each in MEASURES if any(_of(row, each[0]) for row in rows)]
    if not shown:
        return None
    made = canvas.figure(
        1.9 + 0.34 * len(rows),
        f"Which stacks differ from {found.baseline}, beyond the noise?",
        "Paired by block, bars 95 % intervals. Shaded: as far as two identical stacks may lie apart",
        [("better", GREEN), ("worse", ORANGE), ("not shown to differ", MUTED)],
    )
    axes = canvas.panels(made, 1, len(shown), left=2.3, share=False, gap=(0.7, 0.4))
    for each, (measure, title, better) in zip(axes, shown, strict=True):
        _panel(each, found, rows, measure, better)
        canvas.heading(each, title)
        canvas.named_rows(each, [row.cell for row in rows] if canvas.is_first(each) else [""] * len(rows))
        scales.logarithmic(each, "x")
    canvas.below(made, f"ratio to {found.baseline}")
    return svg.plot(made, "ratios", f"Every stack's capacity and p95 as ratios to {found.baseline}.")


def _panel(axes: Axes, found: Analysis, rows: list[Row], measure: str, better: int) -> None:
    floor = floor_of(measure, found.noise)
    if floor is not None:
        axes.axvspan(1 / floor, floor, color=LINE.light, alpha=0.8, linewidth=0)
    axes.axvline(1, color=MUTED.light, linewidth=1)
    values = [told[0].value for row in rows if (told := _of(row, measure))]
    low, high = min([*values, 0.8]) / 1.6, max([*values, 1.25]) * 1.6
    for place, row in enumerate(rows):
        told = _of(row, measure)
        if told:
            _mark(axes, place, *told, better)
    axes.set_xlim(low, high)


def _of(row: Row, measure: str) -> tuple[Estimate, str] | None:
    return next(((e.ratio, e.word) for e in row.comparisons if e.measure == measure and e.ratio), None)


def _mark(axes: Axes, place: int, ratio: Estimate, word: str, better: int) -> None:
    side = {"higher": 1, "lower": -1}.get(word, 0) * better
    colour = {1: GREEN, -1: ORANGE}.get(side, MUTED).light
    if ratio.low is not None and ratio.high is not None:
        axes.plot([ratio.low, ratio.high], [place, place], color=colour, linewidth=2, alpha=0.5)
    axes.plot(ratio.value, place, "o", color=colour, markersize=7)
    text = f"×{number(ratio.value)}"
    axes.annotate(
        text,
        (ratio.value, place),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=canvas.SMALL,
        color=INK.light,
    )
