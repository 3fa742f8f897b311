"""What the pods used: CPU for a thousand requests, throttling, and which pod took how many."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from bench.analysis.analysis import Analysis
from bench.analysis.loads import Usage, busiest
from bench.records.store import Run
from bench.report.document import Plot
from bench.report.palette import INK, SERIES, of_server
from bench.report.plots import canvas, svg
from bench.report.words import number

LEAST_SHOWN = 0.06  # of a bar, for a label in it


def cpu(found: Analysis) -> Plot | None:
    """CPU seconds per 1,000 requests and throttled periods, by stack; None where nothing was counted."""
    used = [(row, load, load.usage) for row in found.rows if (load := busiest(row.loads)) and load.usage]
    shown = [(row, load.label, usage) for row, load, usage in used if usage.cpu_per_1000 is not None]
    if not shown:
        return None
    made = canvas.figure(
        1.9 + 0.34 * len(shown),
        "What does a request cost in CPU, and who is held back by the limit?",
        "At the SLO capacity, where a stack has one; else under the load that is named. Medians over runs",
    )
    axes = canvas.panels(made, 1, 2, left=2.3, right=0.6, share=False, gap=(0.7, 0.4))
    colours = [of_server(row.server).light for row, _, _ in shown]
    usages = [usage for _, _, usage in shown]
    _bars(axes[0], [usage.cpu_per_1000 for usage in usages], colours)
    _bars(axes[1], [_throttled(usage) for usage in usages], colours)
    canvas.heading(axes[0], "CPU seconds per 1,000 requests")
    canvas.heading(axes[1], "throttled CFS periods, %")
    names = [row.cell if "capacity" in label else f"{row.cell}\n({label})" for row, label, _ in shown]
    canvas.named_rows(axes[0], names)
    canvas.named_rows(axes[1], [""] * len(names) if not canvas.is_first(axes[1]) else names)
    return svg.plot(made, "cpu", "CPU seconds per 1,000 requests and throttling of every stack.")


def _throttled(usage: Usage) -> float | None:
    return None if usage.throttled is None else 100 * usage.throttled


def _bars(axes: Axes, values: Sequence[float | None], colours: Sequence[str]) -> None:
    most = max((value for value in values if value is not None), default=0.0) or 1.0
    for place, (value, colour) in enumerate(zip(values, colours, strict=True)):
        axes.barh(place, value or 0.0, height=0.55, color=colour, alpha=0.85)
        axes.text((value or 0.0) + most / 60, place, number(value), va="center", fontsize=canvas.SMALL)
    axes.set_xlim(0, 1.12 * most)


def pods(runs: Sequence[tuple[str, Run]]) -> Plot | None:
    """How the requests of each run fell to its pods, by stack's name; None where no run had several."""
    shown = [(name, run, _split(run)) for name, run in runs]
    shown = [each for each in shown if len(each[2]) > 1]
    if not shown:
        return None
    made = canvas.figure(
        1.5 + 0.34 * len(shown),
        "Do the pods get equal shares of the requests?",
        "A Service balances connections, not requests; a pod that comes later has less time",
    )
    (axes,) = canvas.panels(made, 1, 1, left=3.4, headed=False)
    for place, (_, _, split) in enumerate(shown):
        _stack(axes, place, split)
    canvas.named_rows(axes, [f"{name}, {_what(run)}" for name, run, _ in shown])
    axes.set_xlim(0, 100)
    canvas.below(made, "% of the requests that the pods counted")
    return svg.plot(made, "pods", "Shares of the requests by pod, for every run with several pods.")


def _what(run: Run) -> str:
    made = run.summary
    return f"{made.part}, block {made.block}" if made.block else made.part


def _split(run: Run) -> Mapping[str, int]:
    return {pod.pod: pod.requests for pod in run.summary.pods if pod.requests}


def _stack(axes: Axes, place: int, split: Mapping[str, int]) -> None:
    total, left = sum(split.values()), 0.0
    for number_, count in enumerate(split.values()):
        share, colour = 100 * count / total, SERIES[number_ % len(SERIES)]
        axes.barh(place, share, left=left, height=0.6, color=colour.light, alpha=0.75)
        if share > 100 * LEAST_SHOWN:
            text = f"{share:.0f} %"
            axes.text(
                left + share / 2,
                place,
                text,
                ha="center",
                va="center",
                fontsize=canvas.SMALL,
                color=INK.light,
            )
        left += share
