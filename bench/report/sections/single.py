"""The report of runs that belong to no experiment: each by itself, its answer first.

A section without data is left out here: one run was never meant to have it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import compress

from bench.analysis.analysis import Analysis
from bench.analysis.cells import Cell, reasons
from bench.analysis.single import Judged, instants, judged
from bench.records.parts import TRIALS
from bench.records.run import PodUse, Summary
from bench.records.samples import OK
from bench.records.store import Run
from bench.report.document import Section, Table
from bench.report.plots import capacity, series
from bench.report.plots import single as draw
from bench.report.sections import method, prediction
from bench.report.sections.inside import SCRAPED
from bench.report.sections.material import Material, kept
from bench.report.sections.run_answer import answer, load
from bench.report.sections.scaling import autoscaling
from bench.report.words import NONE, count, number, objective, percent, stacked

HEAD = (
    *("offered/s", "p50, ms", "p95, ms", "p99, ms", "max, ms", "objective"),
    *("answered/s", "goodput/s", "requests", "failed"),
)
PODS = ("pod", "requests", "CPU-s", "throttled", "in the server, ms", "waited, ms", "mean batch")
INTERVALS = (
    "Brackets are 95 % intervals over the requests of this run. Those follow each other, and the next run "
    "has other pods, so runs differ by more: `python -m bench all` measures by how much."
)
RULE = (
    "A percentile p is stated once the share of answers below it is known within ± h at 95 %: that takes "
    "z²·p·(1 − p) ÷ h² answers, z = 1.96, the normal approximation of the binomial by which MLPerf Inference "
    "sets its numbers of queries. With h = 0.5 points a p95 takes 7,299, with 0.25 points a p99 6,085."
)
GOODPUT = (
    "Goodput: requests a second that were answered well and within the objective for p95. A request that "
    "fails or is answered later is none, so goodput falls where the rate of answers still rises."
)


def newest_first(material: Material) -> tuple[tuple[Cell, Run], ...]:
    """All runs but the trials of a search."""
    found = [(cell, run) for cell in material.cells for run in cell.runs if run.summary.part not in TRIALS]
    return tuple(sorted(found, key=lambda each: (each[1].summary.obtained.started, each[1].summary.run)))[
        ::-1
    ]


def title(made: Summary) -> str:
    """Stack, server and load."""
    return f"{made.arm} ({made.server}): {load(made)}"


def period(made: Summary) -> str:
    """From the load's first second to its last."""
    start = datetime.fromisoformat(made.obtained.started)
    end = start + timedelta(seconds=made.total.seconds)
    day = "" if end.date() == start.date() else f"{end:%Y-%m-%d} "
    return f"{start:%Y-%m-%d %H:%M:%S} to {day}{end:%H:%M:%S} UTC, {made.total.seconds:.1f} s of load"


def overview(material: Material) -> Section | None:
    """All runs in a table, the newest first; None for a single one."""
    made = [run.summary for _, run in newest_first(material)]
    rows = tuple(_beside(one, each) for one in made for each in judged(one))
    says = "Runs of different times and pods: `python -m bench all` tells a difference from chance."
    table = Table(("stack", *HEAD, "load", "began"), rows, wide=True)
    return Section("runs", "Every run", (says,), tables=(table,)) if len(made) > 1 else None


def _beside(made: Summary, each: Judged) -> tuple[str, ...]:
    row = dict(zip(HEAD, _row(each), strict=True))
    if reasons(made):
        row["objective"] = "void"
    return f"`{made.arm}`\n{made.server}", *row.values(), load(made), made.obtained.started[:19]


def run(place: int, material: Material) -> Section:
    """One run; `place` counts from the newest, 0. Raises ReadError for unreadable samples."""
    everyone = newest_first(material)
    _, found = everyone[place]
    made, alone = found.summary, len(everyone) == 1
    name = "run" if alone else f"run-{place + 1}"
    says = (period(made), *(() if alone else answer(made)))
    if not made.total.requests:
        return Section(name, title(made), (*says, "Not one request was due."))
    plot = draw.over_time(name, instants(made, found.samples()), made.slo)
    tables = (Table(HEAD, tuple(_row(each) for each in judged(made)), wide=True), _pods(made.pods))
    heading = "The run" if alone else title(made)
    return Section(name, heading, says, (plot,), tuple(filter(None, tables)), (INTERVALS, RULE, GOODPUT))


def _row(each: Judged) -> tuple[str, ...]:
    part = each.stretch
    known = part.latency.percentiles if part.latency else {}
    return (
        _offered(each),
        *(stacked(known.get(name)) for name in ("p50", "p95", "p99")),
        number(part.latency.max if part.latency else None),
        "missed" if each.missed else "met",
        number(part.achieved_rate),
        number(part.goodput),
        f"{part.requests:,}",
        _outcomes(each),
    )


def _offered(each: Judged) -> str:
    mean = each.stretch.offered_rate
    if each.rate:
        return number(each.rate)
    return "as users come" if mean is None else f"{number(mean)} (mean)"


def _outcomes(each: Judged) -> str:
    bad = [f"{times:,} × {status}" for status, times in each.stretch.outcomes.items() if status != str(OK)]
    return "\n".join(bad) or "0"


def _pods(all_: Sequence[PodUse]) -> Table | None:
    """Every pod that answered, without the columns of which nothing is known."""
    rows = [_pod(pod) for pod in all_ if pod.requests]
    known = [any(text != NONE for text in column) for column in zip(*rows, strict=True)]
    head = tuple(compress(PODS, known))
    return Table(head, tuple(tuple(compress(row, known)) for row in rows)) if rows else None


def _pod(pod: PodUse) -> tuple[str, ...]:
    share = pod.cfs_throttled / pod.cfs_periods if pod.cfs_periods else None
    return (
        f"`{pod.pod}`",
        f"{pod.requests:,}",
        number(pod.cpu_seconds),
        percent(share),
        number(pod.service_millis),
        number(pod.queue_millis),
        number(pod.batch_size),
    )


def verdict(material: Material) -> Section:
    """The newest run's answer, and what searches of the capacity found."""
    runs = newest_first(material)
    newest = runs[0][1].summary if runs else None
    lead = (f"The newest of {len(runs)} runs, {title(newest)}:",) if newest and len(runs) > 1 else ()
    says = (*lead, *(answer(newest) if newest else ()), *_held(material.found))
    return Section("verdict", "Answer", says)


def _held(found: Analysis) -> Iterator[str]:
    for row in found.rows:
        held = row.capacity.estimate if row.capacity else None
        if held is not None and held.value > 0:
            yield f"**`{row.cell}` holds {number(held.value)} requests/s** with {objective(found.slo)}."
        elif held is not None:
            yield f"**`{row.cell}` holds no rate that was tried** with {objective(found.slo)}."
        elif row.capacity:
            yield f"`{row.cell}`: a rate met the objective in the search, but no longer load confirmed it."
        elif row.cell in found.trials_void:
            why = {text for each in found.void if each.cell == row.cell for text in each.reasons}
            yield f"**`{row.cell}`: every trial is void:** {'; '.join(sorted(why))}."


def search(material: Material) -> Section | None:
    """The trials of the searches; None without any that may be used."""
    trials = [point for point in material.found.trials if point.kind in TRIALS]
    if not trials:
        return None
    rows = tuple(
        (f"`{t.cell}`", number(t.rate), t.kind, number(t.p95), number(t.p99), t.why or "met") for t in trials
    )
    head = ("stack", "offered/s", "part", "p95, ms", "p99, ms", "objective")
    says = f"{count(len(trials), 'trial')}; the highest rate that a confirmation met is what a stack holds."
    title_ = "The search of the capacity"
    return Section("search", title_, (says,), kept(capacity.knees(material.found)), (Table(head, rows),))


def step(material: Material) -> Section | None:
    """What an autoscaler did in a step of the load; None where none was made."""
    return autoscaling(material) if material.found.recoveries else None


def predicted(material: Material) -> Section | None:
    """Predicted beside measured; None where the model was not timed."""
    return prediction.predicted(material) if material.found.predictions else None


def taxed(material: Material) -> Section | None:
    """What serving adds; None where the model was not timed."""
    return method.serving_tax(material) if material.found.taxes else None


def in_server(material: Material) -> Section | None:
    """What Prometheus has of the servers; None where it has nothing."""
    which = "The first good run of each stack at a steady load, as Prometheus saw it"
    subjects = (series.LATENCY, series.BATCH)
    plots = kept(*(series.draw(material.cells, subject, which) for subject in subjects))
    return Section("series", "In the server", (), plots, notes=(SCRAPED,)) if plots else None


def obtained(material: Material) -> Section:
    """How the figures came about; intervals over blocks are an experiment's."""
    rows = tuple(
        row for row in method.conditions(material.found) if row[0] not in ("runs", "measured", "intervals")
    )
    table = Table(("what", "how"), rows)
    return Section("obtained", "How the figures were obtained", tables=(table,))
