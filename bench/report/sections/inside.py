"""Inside the servers: batches, time series, CPU, pods."""

from collections.abc import Iterable, Iterator, Sequence

from bench.analysis.analysis import Row
from bench.analysis.batching import BatchPoint
from bench.records.parts import STEP, THESIS
from bench.report.document import Section, Table
from bench.report.plots import batches as draw_batches
from bench.report.plots import series, use
from bench.report.sections.material import Material, kept
from bench.report.words import count, number

SCRAPED = "By Prometheus, which scrapes every 10 s and takes rates over 40 s: what is shorter does not show."
NEAR = (0.8, 1.25)  # of the predicted mean batch: as good as the arithmetic is


def batches(material: Material) -> Section:
    """Measured beside 1 + rate × timeout."""
    found = material.found
    plot = draw_batches.sizes(found)
    if plot is None:
        return Section("batches", "Batch size", ("No stack here collects batches, or none counted them.",))
    points = [load.batch for row in found.rows for load in row.loads if load.batch]
    head = (
        "stack",
        "load",
        "requests/s a pod",
        "limit",
        "timeout, ms",
        "measured",
        "1 + rate × timeout",
        "ratio",
    )
    near, opened = _near(found.batches)
    says = (
        f"In {near} of {count(opened, 'run')} with Poisson arrivals the mean batch is within "
        f"{NEAR[0]:g}–{NEAR[1]:g} of 1 + rate × timeout: the first request opens a batch, those that come "
        "within the timeout join it. The load decides, not the processor; only where all workers are busy do "
        "batches wait and grow beyond."
    )
    closed = (
        "Users who wait for their answers make batches of their own: those who shared one are answered "
        "together, sleep as long and come back together, so the thesis's load fills batches that as many "
        "independent requests would not. A single one in flight never shares."
    )
    table = Table(head, tuple(_batch(point) for point in points))
    note = (
        "TorchServe counts batches by the handler's own counters: one worker collects at a time, the rest "
        "wait."
    )
    return Section("batches", "Batch size", (says, closed), (plot,), (table,), (note,))


def _near(points: Sequence[BatchPoint]) -> tuple[int, int]:
    """How many runs with Poisson arrivals the arithmetic foretells, and how many there are."""
    ratios = [point.measured / point.predicted for point in points if not point.closed]
    return sum(NEAR[0] <= ratio <= NEAR[1] for ratio in ratios), len(ratios)


def _batch(point: BatchPoint) -> tuple[str, ...]:
    return (
        f"`{point.cell}`",
        point.label,
        number(point.rate),
        str(point.limit),
        f"{1000 * point.timeout_seconds:g}",
        number(point.measured),
        number(point.predicted),
        number(point.measured / point.predicted),
    )


def over_time(material: Material) -> Section:
    """The thesis's panels."""
    plots = kept(*(series.draw(material.cells, subject) for subject in (series.LATENCY, series.BATCH)))
    if not plots:
        says = "Prometheus had no series of these runs, so there is nothing to draw over time."
        return Section("series", "Over time, in the thesis's form", (says,))
    says = "The thesis drew these panels in Grafana: mean latency and mean batch size in the server, by pod."
    return Section("series", "Over time, in the thesis's form", (says,), plots, notes=(SCRAPED,))


def cpu(material: Material) -> Section:
    """CPU and throttling."""
    plot = use.cpu(material.found)
    if plot is None:
        return Section("cpu", "CPU and throttling", ("No pod's CPU was counted in these runs.",))
    held_back = tuple(_held_back(material.found.rows))
    says = (
        "CPU seconds by the pods' own cgroups, divided by the requests that the servers counted. A "
        "container is throttled in a period of 100 ms in which it has used up its CPU limit: its requests "
        "wait for the next.",
        f"Throttled in more than a tenth of all periods: {', '.join(held_back)}."
        if held_back
        else "No stack was throttled in more than a tenth of the periods.",
    )
    return Section("cpu", "CPU and throttling", says, (plot,))


def _held_back(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        shares = [
            load.usage.throttled for load in row.loads if load.usage and load.usage.throttled is not None
        ]
        if shares and max(shares) > 0.1:
            yield f"`{row.cell}` ({100 * max(shares):.0f} %)"


def pods(material: Material) -> Section:
    """Which pod took how many requests."""
    runs = [(cell.name, run) for cell in material.cells for run in cell.good(THESIS, STEP)]
    plot = use.pods(runs)
    if plot is None:
        return Section("pods", "Requests by pod", ("No run had more than one pod that answered.",))
    says = (
        "A Service spreads connections, not requests. Where a stack has several pods the load renews its "
        "connections, so that new pods get any."
    )
    return Section("pods", "Requests by pod", (says,), (plot,))
