"""Latency distributions: whole curves by stack, and percentiles side by side."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.analysis import Analysis, Row
from bench.analysis.curves import LABELS, SHARES, Curve
from bench.analysis.loads import Load, find
from bench.records.parts import CONFIRM, SERIAL, SOAK, THESIS
from bench.report.document import Plot
from bench.report.palette import BLUE, GREEN, MUTED, ORANGE, PURPLE, of_server
from bench.report.plots import canvas, scales, svg

COLOURS = {SERIAL: GREEN, THESIS: BLUE, CONFIRM: ORANGE, SOAK: PURPLE}
MARKS = (("p50", "o"), ("p95", "D"), ("p99", "^"))
SHIFT = 0.2  # of a row, between its percentiles


def distributions(found: Analysis, curves: Sequence[Curve]) -> Plot | None:
    """The share of requests answered within a time, a panel for each stack; None without samples."""
    names = [row.cell for row in found.rows if any(curve.cell == row.cell for curve in curves)]
    if not names:
        return None
    parts = [part for part in LABELS if any(curve.part == part for curve in curves)]
    made = canvas.figure(
        1.6,
        "How many requests are answered within how long?",
        f"Median over runs; shaded: lowest to highest run. Dashed: {found.slo.p95_millis} ms",
        [(LABELS[part], COLOURS[part]) for part in parts],
    )
    axes = canvas.multiples(made, len(names))
    for each, name in zip(axes, names, strict=True):
        for curve in (curve for curve in curves if curve.cell == name):
            _curve(each, curve)
        canvas.limit(each, found.slo.p95_millis, upright=True)
        canvas.heading(each, name)
        each.set_ylim(0, 101)
        each.set_ylabel("% of requests" if canvas.is_first(each) else "")
    for each in axes:
        scales.logarithmic(each, "x")
    canvas.below(made, "latency from the scheduled send, ms")
    return svg.plot(made, "latency-ecdf", "Cumulative latency distributions of every stack, by load.")


def _curve(axes: Axes, curve: Curve) -> None:
    colour = COLOURS.get(curve.part, MUTED).light
    if curve.runs > 1:
        axes.fill_betweenx(100 * SHARES, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(curve.middle, 100 * SHARES, color=colour)


def percentiles(found: Analysis) -> Plot | None:
    """p50, p95 and p99 of every stack, a column for each load; None without loads."""
    parts = [part for part in LABELS if any(find(row.loads, part) for row in found.rows)]
    rows = [row for row in found.rows if any(find(row.loads, part) for part in parts)]
    if not parts:
        return None
    made = canvas.figure(
        1.9 + 0.36 * len(rows),
        "How long do requests take?",
        "● p50  ◆ p95  ▲ p99: median over runs, bars 95 % intervals. "
        f"Dashed: {found.slo.p95_millis} ms and {found.slo.p99_millis} ms",
    )
    axes = canvas.panels(made, 1, len(parts), left=2.3)
    for each, part in zip(axes, parts, strict=True):
        for place, row in enumerate(rows):
            _percentiles(each, place, row, find(row.loads, part))
        for limit in (found.slo.p95_millis, found.slo.p99_millis):
            canvas.limit(each, limit, upright=True)
        each.grid(visible=False, axis="y")
        canvas.heading(each, LABELS[part])
        scales.logarithmic(each, "x")
    canvas.named_rows(axes[0], [row.cell for row in rows])
    canvas.below(made, "latency from the scheduled send, ms")
    return svg.plot(made, "latency-percentiles", "p50, p95 and p99 of every stack under each load.")


def _percentiles(axes: Axes, place: int, row: Row, load: Load | None) -> None:
    for number, (name, mark) in enumerate(MARKS):
        told = load.latency.get(name) if load else None
        if told is None:
            continue
        at, colour = place + SHIFT * (number - 1), of_server(row.server).light
        axes.plot(
            told.value, at, mark, color=colour, markersize=5, fillstyle="full" if row.competes else "none"
        )
        if told.low is not None and told.high is not None:
            axes.plot([told.low, told.high], [at, at], color=colour, linewidth=1.2, alpha=0.6)
