"""What serving adds to the model itself."""

from collections.abc import Sequence

from bench.analysis.tax import Tax
from bench.report.document import Plot
from bench.report.palette import INK, MUTED, of_server
from bench.report.plots import canvas, svg
from bench.report.words import estimate


def served(found: Sequence[Tax]) -> Plot | None:
    """One request in flight beside the same work in process; None where it was not measured."""
    if not found:
        return None
    made = canvas.figure(
        1.5 + 0.34 * len(found),
        "What does serving add to decoding and the model?",
        "○ p50 in process  ● p50 of one request in flight: medians. Right: their ratio over blocks",
    )
    (axes,) = canvas.panels(made, 1, 1, left=2.3, right=1.9, headed=False)
    for place, each in enumerate(found):
        colour = of_server(each.server).light
        axes.plot([each.in_process_millis, each.served_millis], [place, place], color=colour, alpha=0.4)
        axes.plot(each.in_process_millis, place, "o", color=MUTED.light, markersize=7, fillstyle="none")
        axes.plot(each.served_millis, place, "o", color=colour, markersize=7)
        side = axes.get_yaxis_transform()
        text = f"× {estimate(each.ratio)}"
        axes.text(1.01, place, text, va="center", transform=side, color=INK.light, fontsize=canvas.SMALL)
    canvas.named_rows(axes, [each.cell for each in found])
    axes.set_xlim(left=0)
    axes.set_xlabel("ms")
    return svg.plot(made, "serving-tax", "p50 of one request in flight and of the same work in process.")
