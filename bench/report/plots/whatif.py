"""What an autoscaled stack is predicted to do: one playing over its time, all candidates side by side."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.windows import WINDOW_SECONDS
from bench.report.document import Plot
from bench.report.palette import AMBER, BLUE, GREEN, INK, ORANGE, Colour
from bench.report.plots import canvas, scales, svg
from bench.report.words import number
from bench.whatif.outcome import Outcome
from bench.whatif.ranking import Forecast
from bench.whatif.seen import Scaler
from stack.settings import Slo

RIGHT = 1.5  # inches, for what lines mean


def timeline(title: str, subtitle: str, made: Outcome, scaler: Scaler, slo: Slo) -> Plot:
    """Demand, the autoscaler's metric, pods and latency; windows beyond the objective are shaded."""
    drawn = canvas.figure(6.4, title, subtitle, [("beyond the objective", ORANGE)])
    axes = canvas.panels(drawn, 4, 1, right=RIGHT, share=False, gap=(0.2, 0.38), ratios=(1, 1, 0.8, 1.4))
    _demand(axes[0], made)
    _metric(axes[1], made, scaler)
    _pods(axes[2], made, scaler)
    _latency(axes[3], made, slo)
    titles = ("requests/s", scaler.unit or "no autoscaler", "pods", "p95 of 5 s, ms")
    for each, text in zip(axes, titles, strict=True):
        canvas.heading(each, text)
        _shade(each, made)
        each.set_xlim(0, made.windows[-1].start + WINDOW_SECONDS)
        each.tick_params(labelbottom=each is axes[-1])
    axes[-1].set_xlabel("seconds since the load's start")
    return svg.plot(drawn, "whatif", f"Predicted: {title}")


def _demand(axes: Axes, made: Outcome) -> None:
    times = [*(each.start for each in made.windows), made.windows[-1].start + WINDOW_SECONDS]
    lines = (
        (INK, "due", [each.requests for each in made.windows]),
        (ORANGE, "failed", [each.failed for each in made.windows]),
    )
    for place, (colour, label, counts) in enumerate(lines):
        if any(counts):
            rates = [each / WINDOW_SECONDS for each in (*counts, counts[-1])]
            _line(axes, (times, rates), colour, label, place)
    axes.set_ylim(bottom=0)
    scales.few_ticks(axes, "y", 4)


def _metric(axes: Axes, made: Outcome, scaler: Scaler) -> None:
    seen = [(each.at, each.metric) for each in made.moments if each.metric is not None]
    if not seen:
        canvas.note(axes, 0.02, 0.5, "nothing was compared", within=True)
        return
    times, values = zip(*seen, strict=True)
    _line(axes, (times, values), BLUE, "seen", 0)
    canvas.limit(axes, scaler.target)
    canvas.note(axes, 1.01, 0.58, f"┄ target {number(scaler.target)}", within=True)
    axes.set_ylim(bottom=0, top=1.15 * max(*values, scaler.target))
    scales.few_ticks(axes, "y", 3)


def _pods(axes: Axes, made: Outcome, scaler: Scaler) -> None:
    times = [each.at for each in made.moments]
    _line(axes, (times, [float(each.wanted) for each in made.moments]), AMBER, "wanted", 0)
    _line(axes, (times, [float(each.ready) for each in made.moments]), GREEN, "ready", 1)
    canvas.limit(axes, scaler.most)
    canvas.note(axes, 1.01, 0.31, f"┄ at most {scaler.most}", within=True)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    scales.few_ticks(axes, "y", 3)


def _latency(axes: Axes, made: Outcome, slo: Slo) -> None:
    known = [(each.start, each.p95) for each in made.windows if each.p95]
    if known:
        times, values = zip(*known, strict=True)
        _line(axes, ((*times, times[-1] + WINDOW_SECONDS), (*values, values[-1])), INK, "", 0)
    scales.logarithmic(axes, "y")
    canvas.limit(axes, slo.p95_millis)
    canvas.note(axes, 1.01, 0.1, f"┄ objective {slo.p95_millis} ms", within=True)


def _line(
    axes: Axes, levels: tuple[Sequence[float], Sequence[float]], colour: Colour, label: str, place: int
) -> None:
    axes.step(*levels, where="post", color=colour.light, linewidth=1.6 if label else 1.2)
    if label:
        canvas.note(axes, 1.01, 0.85 - 0.27 * place, f"━ {label}", within=True, colour=colour)


def _shade(axes: Axes, made: Outcome) -> None:
    for window in made.windows:
        if window.violated:
            end = window.start + WINDOW_SECONDS
            axes.axvspan(window.start, end, color=ORANGE.light, alpha=0.16, linewidth=0)


def beside(made: Sequence[Forecast], currency: str) -> Plot:
    """Every candidate by its cost and its share of requests beyond the objective; the best first."""
    subtitle = "Filled: the objective is kept in every playing. Numbers: places in the ranking."
    drawn = canvas.figure(4.4, "What does it cost to keep the objective?", subtitle)
    (axes,) = canvas.panels(drawn, 1, 1, left=0.8, headed=False)
    places: dict[tuple[str, str], list[int]] = {}
    for place, each in enumerate(made, 1):
        kept = each.kept == len(each.outcomes)
        at = each.cost, 100 * each.late_share
        axes.plot(*at, "o", color=(GREEN if kept else ORANGE).light, fillstyle="full" if kept else "none")
        places.setdefault((number(at[0]), f"{at[1]:.0f}"), []).append(place)
    for own in places.values():
        first = made[own[0] - 1]
        canvas.note(axes, first.cost, 100 * first.late_share, f"    {', '.join(map(str, own))}")
    axes.set_xlabel(f"cost of the load, {currency}")
    axes.set_ylabel("requests beyond the objective, %")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.margins(0.08)
    return svg.plot(drawn, "candidates", "Cost and requests beyond the objective of every candidate.")
