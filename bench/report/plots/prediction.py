"""What the capacity model expected beside what was measured."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.predictions import Predicted
from bench.report.document import Plot
from bench.report.palette import INK, MUTED, of_server
from bench.report.plots import canvas, svg
from bench.report.words import change, number


def capacities(found: Sequence[Predicted]) -> Plot | None:
    """SLO capacities, predicted and measured; None where one of both lacks for every stack."""
    shown = [each for each in found if each.measured is not None]
    if not shown:
        return None
    made = canvas.figure(
        1.5 + 0.34 * len(shown),
        "How well is the capacity known before the load?",
        "◇ predicted  ● measured, with its interval over blocks. Right: error of the prediction",
    )
    (axes,) = canvas.panels(made, 1, 1, left=2.3, right=1.4, headed=False)
    for place, each in enumerate(shown):
        _row(axes, place, each)
    canvas.named_rows(axes, [each.cell for each in shown])
    axes.set_xlim(left=-0.015 * axes.get_xlim()[1])
    axes.set_xlabel("SLO capacity, requests/s")
    return svg.plot(made, "prediction", "SLO capacity of every stack, predicted and measured.")


def _row(axes: Axes, place: int, each: Predicted) -> None:
    colour, measured = of_server(each.server).light, each.measured
    if measured is not None:
        axes.plot([each.predicted, measured.value], [place, place], color=MUTED.light, linewidth=1, alpha=0.6)
        axes.plot(measured.value, place, "o", color=colour, markersize=7)
        if measured.low is not None and measured.high is not None:
            axes.plot([measured.low, measured.high], [place, place], color=colour, linewidth=3, alpha=0.35)
    axes.plot(each.predicted, place, "D", color=INK.light, fillstyle="none", markersize=7)
    side = axes.get_yaxis_transform()
    expected = number(each.predicted) if each.predicted else "none"
    text = f"{expected} (none held)" if each.error is None else f"{expected} ({change(each.error)})"
    axes.text(1.01, place, text, va="center", transform=side, color=INK.light, fontsize=canvas.SMALL)
