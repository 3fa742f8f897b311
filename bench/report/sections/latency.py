"""Latencies: distributions, every load's figures, latency against rate."""

from bench.analysis.analysis import Row
from bench.analysis.curves import curves
from bench.analysis.loads import Load
from bench.report.document import Section, Table
from bench.report.plots import capacity
from bench.report.plots import latency as draw
from bench.report.sections.material import Material, kept
from bench.report.words import NONE, count, number, stacked

HEAD = (
    "stack",
    "load",
    *("p50, ms", "p90, ms", "p95, ms", "p99, ms", "max, ms"),
    *("failed", "requests", "runs", "offered/s", "achieved/s"),
    "in the server, ms",
    "too few for",
)


def distributions(material: Material) -> Section:
    """Curves, percentiles, and the figures as a table. Raises ReadError for unreadable samples."""
    found = material.found
    plots = kept(draw.percentiles(found), draw.distributions(found, curves(material.cells)))
    rows = tuple(_row(row, load) for row in found.rows for load in row.loads)
    if not rows:
        return Section("latency", "Latency", ("There is no good run to take latencies from.",))
    return Section(
        "latency",
        "Latency",
        (
            "From the scheduled send to the end of the answer, as the client sees it; answers with status "
            "200 only.",
        ),
        plots,
        (Table(HEAD, rows, wide=True),),
        (
            "Each percentile is taken of every run by itself; shown are their medians over runs with 95 % "
            "intervals (Student's, of the logarithms). Percentiles of different runs are never pooled. The "
            "last column names those that some run has too few requests to claim (p95 ± 0.5 points takes "
            "7,299, p99 ± 0.25 points 6,085). In the server: the mean by its own counters; TorchServe's "
            "includes its queue.",
        ),
    )


def _row(row: Row, load: Load) -> tuple[str, ...]:
    few = "\n".join(f"{name} in {count(runs, 'run')}" for name, runs in load.too_few.items() if runs)
    return (
        f"`{row.cell}`",
        load.label,
        *(stacked(load.latency.get(name)) for name in ("p50", "p90", "p95", "p99")),
        number(load.worst),
        str(load.failed),
        f"{load.requests:,}",
        str(load.runs),
        number(load.offered),
        number(load.achieved.value),
        number(load.usage.service_millis) if load.usage else NONE,
        few or "none",
    )


def against_rate(material: Material) -> Section:
    """p95 of all trials."""
    found = material.found
    plot = capacity.knees(found)
    if plot is None:
        says = "No trials at several rates were made, so there is no curve of latency against rate."
        return Section("rate", "Latency against rate", (says,))
    met = sum(point.met for point in found.trials)
    says = (
        f"{count(len(found.trials), 'trial')}, {met} of which met the objective. The knee "
        "is where queues begin to grow: beyond it a little more load costs much more time."
    )
    return Section("rate", "Latency against rate", (says,), (plot,))
