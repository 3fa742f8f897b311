"""Every stack beside the others, and what each holds."""

from bench.analysis.analysis import Analysis, Row
from bench.analysis.comparisons import CAPACITY, P95
from bench.analysis.loads import Load, busiest, find
from bench.records.parts import THESIS
from bench.report.document import Section, Table
from bench.report.plots import capacity, noise
from bench.report.sections.material import Material, kept
from bench.report.words import NONE, number, objective, percent, stacked
from bench.trial.capacity import MOST_RATE

HEAD = (
    "stack",
    "SLO capacity, requests/s",
    "÷ baseline",
    "p50, ms",
    "p95, ms",
    "p99, ms",
    "p95 ÷ baseline",
    "failed",
    "CPU-s per 1,000",
    "throttled",
    "mean batch\n(1 + rate × timeout)",
    "pods",
    "cost of a million",
    "void runs",
)


def comparison(material: Material) -> Section:
    """One line for each stack."""
    found = material.found
    rows = tuple(_row(found, row) for row in found.rows)
    return Section(
        "comparison",
        "Every stack beside the others",
        (
            f"The baseline is `{found.baseline}`. Latencies and failures are under the thesis's load (25 "
            "users who sleep 1 s); CPU, throttling and batches at the SLO capacity where there is one.",
        ),
        kept(noise.ratios(found)),
        (Table(HEAD, rows, wide=True), _settings(found)),
        (
            "Brackets are 95 % intervals over blocks; [?] means that one run has none. Twins (@twin) "
            "repeat a stack to show the noise and runs through port-forward show what that adds; neither "
            f"can win. Costs are those of what pods request, at the prices of: {found.prices.source}.",
        ),
    )


def settings(material: Material) -> Section:
    """What each stack sets, without what only loads of the thesis and searches tell."""
    return Section("settings", "What the stacks set", tables=(_settings(material.found),))


def _settings(found: Analysis) -> Table:
    differs = tuple((f"`{row.cell}`", _differs(row)) for row in found.rows if row.competes)
    return Table(("stack", "what differs from the defaults"), differs)


def _row(found: Analysis, row: Row) -> tuple[str, ...]:
    thesis, busy = find(row.loads, THESIS), busiest(row.loads)
    use = busy.usage if busy else None
    batch = busy.batch if busy else None
    charged = row.cost
    return (
        f"`{row.cell}`",
        _capacity(found, row),
        _ratio(row, CAPACITY),
        *(_percentile(thesis, name) for name in ("p50", "p95", "p99")),
        _ratio(row, P95),
        _failed(thesis),
        number(use.cpu_per_1000) if use else NONE,
        percent(use.throttled) if use else NONE,
        f"{number(batch.measured)}\n({number(batch.predicted)})" if batch else NONE,
        f"{use.pods:g}" if use and use.pods else NONE,
        number(charged.requested, found.prices.currency) if charged else NONE,
        f"{row.void} of {row.runs}" if row.void else "none",
    )


def _differs(row: Row) -> str:
    return ", ".join(f"`{path}: {value}`" for path, value in row.differs.items()) or NONE


def _not_held(found: Analysis) -> str:
    return "Every trial was void." if found.trials_void else "No capacity was searched."


def _capacity(found: Analysis, row: Row) -> str:
    if row.capacity is None:
        return "all trials void" if row.cell in found.trials_void else "not searched"
    held = row.capacity.estimate
    if held is None:
        return "no rate confirmed"
    return "none held" if held.value <= 0 else stacked(held)


def _ratio(row: Row, measure: str) -> str:
    told = next((each for each in row.comparisons if each.measure == measure), None)
    if told is None:
        return NONE
    return f"{stacked(told.ratio)}\n{told.word}" if told.ratio else "none held"


def _percentile(load: Load | None, name: str) -> str:
    return stacked(load.latency.get(name)) if load else NONE


def _failed(load: Load | None) -> str:
    return f"{load.failed} of {load.requests:,}" if load else NONE


def held(material: Material) -> Section:
    """SLO capacities."""
    found = material.found
    plot = capacity.dots(found)
    notes = [
        "A search ramps the rate until the objective is missed, bisects to 5 %, then confirms with a "
        "longer load; the confirmed rate is what counts. An autoscaled stack is first loaded until "
        "it has all its pods: the way there is a matter of steps."
    ]
    for row in found.rows:
        notes += _limits(row)
    says = (f"The highest rate at which {objective(found.slo)} holds.",) if plot else (_not_held(found),)
    return Section("capacity", "What each stack holds", says, kept(plot), notes=tuple(notes) if plot else ())


def _limits(row: Row) -> list[str]:
    """What its searches could not tell."""
    if row.capacity is None:
        return []
    more = f"held {MOST_RATE:g} requests/s, where searches end: its capacity is that or more"
    unsent = "ended where the generator beside it could not send more in time: its capacity is that or more"
    said = {
        "is left out, no rate was confirmed": row.capacity.unconfirmed,
        more: row.capacity.at_bound,
        unsent: row.capacity.unsent,
    }
    return [
        f"`{row.cell}`: block {', '.join(map(str, blocks))} {what}."
        for what, blocks in said.items()
        if blocks
    ]
