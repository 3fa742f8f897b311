"""What each stack holds within the objective, and how latency grows with the rate."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.analysis import Analysis, Row
from bench.analysis.capacities import TrialPoint
from bench.report import words
from bench.report.document import Plot
from bench.report.palette import INK, MUTED, ORANGE, of_server
from bench.report.plots import canvas, scales, svg
from bench.report.words import number

INTERVAL = "95 % interval over blocks, each block a thin mark"


def objective(found: Analysis) -> str:
    """The service-level objective in a line."""
    return f"Objective: {words.objective(found.slo)}. Open load, Poisson arrivals."


def dots(found: Analysis) -> Plot | None:
    """SLO capacity with its interval, the highest first; None where no capacity was searched."""
    rows = sorted((row for row in found.rows if row.capacity), key=_value, reverse=True)
    if not rows:
        return None
    made = canvas.figure(1.5 + 0.34 * len(rows), _title(found), f"{objective(found)} Bars: {INTERVAL}")
    (axes,) = canvas.panels(made, 1, 1, left=2.3, right=1.4, headed=False)
    for place, row in enumerate(rows):
        _row(axes, place, row)
    canvas.named_rows(axes, [row.cell for row in rows])
    axes.set_xlim(left=0)
    axes.set_xlabel("requests/s within the objective")
    return svg.plot(made, "capacity", "The SLO capacity of every stack, with its interval over blocks.")


def _value(row: Row) -> float:
    return row.capacity.estimate.value if row.capacity and row.capacity.estimate else -1.0


def _title(found: Analysis) -> str:
    best = found.verdict
    if best is None:
        return "No stack holds the objective at any rate that was tried"
    return f"{best.winner} holds {number(best.rate.value)} requests/s within the objective"


def _row(axes: Axes, place: int, row: Row) -> None:
    held = row.capacity.estimate if row.capacity else None
    colour = of_server(row.server).light
    if row.capacity is None or held is None or held.value <= 0:
        text = "no rate confirmed" if held is None else "misses the objective at every rate tried"
        canvas.note(axes, 0, place, f"  {text}")
        return
    if held.low is not None and held.high is not None:
        axes.plot([held.low, held.high], [place, place], color=colour, linewidth=3, alpha=0.35)
    blocks = list(row.capacity.by_block.values())
    axes.plot(blocks, [place] * len(blocks), "|", color=colour, markersize=8, alpha=0.7)
    axes.plot(
        held.value, place, "o", color=colour, markersize=8, fillstyle="full" if row.competes else "none"
    )
    side = axes.get_yaxis_transform()
    more = " or more" if row.capacity.unsent or row.capacity.at_bound else ""
    axes.text(1.01, place, f"{number(held.value)}{more}", va="center", transform=side, color=INK.light)


def knees(found: Analysis) -> Plot | None:
    """p95 of every trial against its rate, by stack; None without trials."""
    rows = [row for row in found.rows if any(point.cell == row.cell for point in found.trials)]
    if not rows:
        return None
    made = canvas.figure(1.6, "Where does latency leave the ground?", _knee_subtitle(found))
    axes = canvas.multiples(made, len(rows))
    for each, row in zip(axes, rows, strict=True):
        _knee(each, row, [point for point in found.trials if point.cell == row.cell], found.slo.p95_millis)
    for each in axes:
        scales.logarithmic(each, "x")
        scales.logarithmic(each, "y")
        each.set_ylabel("p95, ms" if canvas.is_first(each) else "")
    canvas.below(made, "offered rate, requests/s")
    return svg.plot(made, "knee", "p95 of every trial against the offered rate, with the knee of each stack.")


def _knee_subtitle(found: Analysis) -> str:
    return (
        f"Each mark is a trial: filled ones met the objective. Dashed: p95 = {found.slo.p95_millis} ms. "
        "Upright line: SLO capacity."
    )


def _knee(axes: Axes, row: Row, points: Sequence[TrialPoint], limit: float) -> None:
    colour = of_server(row.server).light
    for met, fill in ((True, "full"), (False, "none")):
        own = [point for point in points if point.met is met and point.p95 is not None]
        axes.plot(
            [point.rate for point in own],
            [point.p95 or 0.0 for point in own],
            "o",
            color=colour,
            fillstyle=fill,
            markersize=4,
        )
    canvas.limit(axes, limit)
    canvas.heading(axes, row.cell)
    held = row.capacity.estimate if row.capacity else None
    if held and held.value > 0:
        axes.axvline(held.value, color=colour, linewidth=1.2, alpha=0.6)
        where = axes.get_xaxis_transform()
        text = f" {number(held.value)}"
        axes.text(held.value, 0.03, text, transform=where, fontsize=canvas.SMALL, color=MUTED.light)
    else:
        canvas.note(axes, 0.04, 0.92, "no rate", within=True, colour=ORANGE)
