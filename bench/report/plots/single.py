"""One run over its time: what came in, and how long answers took, to the last second."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.single import Instant
from bench.report.document import Plot
from bench.report.palette import BLUE, INK, ORANGE, Colour
from bench.report.plots import canvas, scales, svg
from stack.settings import Slo


def over_time(name: str, seen: Sequence[Instant], slo: Slo) -> Plot:
    """Requests/s and latency of one run in windows of one length."""
    width = seen[0].end - seen[0].start
    subtitle = f"In windows of {width:g} s, by when a request was due. Dashed: p95 ≤ {slo.p95_millis} ms"
    made = canvas.figure(4.6, "How did the run go?", subtitle)
    load, latency = canvas.panels(made, 2, 1, share=False, gap=(0.2, 0.5), ratios=(1, 1.5), right=0.75)
    _steps(load, seen, [each.requests / (each.end - each.start) for each in seen], INK, "due")
    if any(each.failed for each in seen):
        _steps(load, seen, [each.failed / (each.end - each.start) for each in seen], ORANGE, "failed")
    load.set_ylim(0, 1.15 * max(each.requests / (each.end - each.start) for each in seen))
    scales.few_ticks(load, "y", 4)
    canvas.heading(load, "requests/s")
    _steps(latency, seen, [each.p95 for each in seen], BLUE, "p95")
    _steps(latency, seen, [each.p50 for each in seen], INK, "p50")
    canvas.heading(latency, "latency, ms")
    scales.logarithmic(latency, "y")
    canvas.limit(latency, slo.p95_millis)
    for each in (load, latency):
        each.set_xlim(0, seen[-1].end)
        each.tick_params(labelbottom=each is latency)
    latency.set_xlabel("seconds since the load's start")
    return svg.plot(made, name, "Requests per second and latency over the run, to its last second.")


def _steps(
    axes: Axes, seen: Sequence[Instant], values: Sequence[float | None], colour: Colour, label: str
) -> None:
    """A level for each window, the last one to the load's end; gaps where nothing was answered."""
    levels = [math.nan if value is None else value for value in values]
    times = [*(each.start for each in seen), seen[-1].end]
    axes.step(times, [*levels, levels[-1]], where="post", color=colour.light)
    place = 0.85 - 0.2 * (len(axes.lines) - 1)
    canvas.note(axes, 1.01, place, f"━ {label}", within=True, colour=colour)
