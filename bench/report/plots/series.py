"""Time series in the thesis's form: latency and batch size in the server, by pod, as Prometheus has them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from bench.analysis.cells import Cell
from bench.records.parts import RATE, SOAK, THESIS
from bench.records.series import Line
from bench.records.store import Run
from bench.report.document import Plot
from bench.report.palette import SERIES, of_server
from bench.report.plots import canvas, scales, svg
from stack.queries import DASHBOARD, tf_serving, torchserve, triton

FIRST_STEADY = "The first good run under the thesis's load (else another steady one)"
AFTER = 10.0  # s after the load that are still drawn: a scrape


@dataclass(frozen=True)
class Subject:
    """Queries of one meaning, one a server. Values are divided by `divisor` to be in `unit`."""

    plot: str
    title: str
    says: str
    unit: str
    queries: tuple[str, ...]
    divisor: float
    is_log: bool


LATENCY = Subject(
    plot="server-latency",
    title="How steady is the latency in the server?",
    says="Mean latency in the server",
    unit="ms",
    queries=(
        tf_serving.latency_mean(DASHBOARD).name,
        torchserve.latency_by_pod(DASHBOARD).name,
        triton.latency_by_pod(DASHBOARD).name,
    ),
    divisor=1000,
    is_log=True,
)
BATCH = Subject(
    plot="server-batches",
    title="How large are the batches over time?",
    says="Mean batch size",
    unit="requests in a batch",
    queries=(
        tf_serving.batch_size(DASHBOARD).name,
        torchserve.batch_size(DASHBOARD).name,
        triton.batch_size(DASHBOARD).name,
    ),
    divisor=1,
    is_log=False,
)


def draw(known: Sequence[Cell], subject: Subject, which: str = FIRST_STEADY) -> Plot | None:
    """A panel for each cell, over its first good steady run; None where Prometheus had nothing.

    `which` tells the reader which runs these are.
    """
    shown = [(cell, *found) for cell in known if (found := _chosen(cell, subject.queries))]
    if not shown:
        return None
    made = canvas.figure(1.6, subject.title, f"{which}. A line for each pod")
    axes = canvas.multiples(made, len(shown))
    for each, (cell, run, lines) in zip(axes, shown, strict=True):
        _panel(each, cell, lines, subject, run.summary.total.seconds + AFTER)
        each.set_ylabel(subject.unit if canvas.is_first(each) else "")
    for each in axes if subject.is_log else ():
        scales.logarithmic(each, "y")
    if not subject.is_log:
        axes[0].set_ylim(bottom=0)
    canvas.below(made, "seconds since the load's start")
    return svg.plot(made, subject.plot, f"{subject.says}, by pod; means over four scrapes of Prometheus.")


def _chosen(cell: Cell, names: Collection[str]) -> tuple[Run, tuple[Line, ...]] | None:
    """The first good run of which Prometheus tells one of the queries, and its lines."""
    for part in (THESIS, RATE, SOAK):
        for run in cell.good(part):
            lines = tuple(line for drawn in run.series() if drawn.name in names for line in drawn.lines)
            if lines:
                return run, lines
    return None


def _panel(axes: Axes, cell: Cell, lines: Sequence[Line], subject: Subject, end: float) -> None:
    within = [[(when, value) for when, value in line.points if 0 <= when <= end] for line in lines]
    seen = [points for points in within if points]  # a pod of the run before may still be known
    for number, points in enumerate(seen):
        colour = of_server(cell.server) if len(seen) == 1 else SERIES[number % len(SERIES)]
        times, values = zip(*points, strict=True)
        axes.plot(times, [value / subject.divisor for value in values], color=colour.light)
        if len(seen) > 1:
            canvas.note(axes, 0.7, 0.92 - 0.1 * number, f"━ pod {number + 1}", within=True, colour=colour)
    axes.margins(y=0.2)
    canvas.heading(axes, cell.name)
    scales.few_ticks(axes, "x")
