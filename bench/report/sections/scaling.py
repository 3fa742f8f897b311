"""Autoscaling: how long a step of the load hurts."""

from bench.analysis.recovery import Recovery
from bench.records.estimates import over_runs
from bench.records.events import UP
from bench.report.document import Plot, Section, Table
from bench.report.plots import autoscaling as draw
from bench.report.sections.material import Material
from bench.report.words import NONE, count, estimate, number

TITLE = "Autoscaling: a step of the load"


def autoscaling(material: Material) -> Section:
    """A timeline for each autoscaled stack, and every step as a table."""
    found = material.found.recoveries
    if not found:
        return Section("autoscaling", TITLE, ("No step of the load was made on an autoscaled stack.",))
    names = list(dict.fromkeys(each.cell for each in found))
    by_name = {name: [each for each in found if each.cell == name] for name in names}
    head = (
        *("stack", "block", "requests/s", "recovered after, s", "beyond the objective, s", "slow or failed"),
        *("failed before, in, after the step", "failed since a scale-in"),
        *(*(f"{what}, s" for what in UP), "requests by pod"),
    )
    return Section(
        "autoscaling",
        TITLE,
        tuple(_says(name, runs) for name, runs in by_name.items()),
        tuple(_timeline(material, draw.typical(runs)) for runs in by_name.values()),
        (Table(head, tuple(_row(each) for each in found), wide=True),),
        (
            "Times are seconds since the step. Recovered: the first window of 5 s from which on, as long as "
            "the load is high, no two in a row are beyond the objective's p95 or errors; a lone one may be "
            "by chance, and counts in the seconds beyond the objective. Slow: later than the objective's "
            "p95. The timeline shows the run of the middle recovery.",
        ),
    )


def _says(name: str, runs: list[Recovery]) -> str:
    known = [each.recovered for each in runs if each.recovered is not None]
    failed, asked = sum(sum(each.failed) for each in runs), sum(each.requests for each in runs)
    back = (
        f"keeps the objective again {estimate(over_runs(known))} s after the step"
        if known
        else "never recovers"
    )
    never = len(runs) - len(known)
    rest = (
        f" ({never} of {count(len(runs), 'step')} did not recover while the load was high)" if never else ""
    )
    return (
        f"`{name}` {back}{rest}, over {count(len(runs), 'step')}; {failed} of {asked:,} requests failed. "
        f"{_scale_in(runs)}"
    )


def _scale_in(runs: list[Recovery]) -> str:
    made = [each.scale_in for each in runs if each.scale_in.times]
    if not made:
        return "No pod was taken away meanwhile."
    failed, asked = sum(each.failed for each in made), sum(each.requests for each in made)
    return (
        f"It scaled in {count(sum(each.times for each in made), 'time')}: {failed} of {asked:,} requests "
        "failed since the decision to."
    )


def _timeline(material: Material, chosen: Recovery) -> Plot:
    runs = {run.summary.run: run for cell in material.cells if cell.name == chosen.cell for run in cell.runs}
    return draw.timeline(chosen, runs[chosen.run].series(), material.found.slo)


def _row(each: Recovery) -> tuple[str, ...]:
    return (
        f"`{each.cell}`",
        str(each.block) if each.block else NONE,
        " → ".join(number(rate) for rate in each.rates),
        "not in time" if each.recovered is None else f"{each.recovered:g}",
        f"{each.violating_seconds:g}",
        f"{each.violating_requests:,} of {each.requests:,}",
        ", ".join(map(str, each.failed)),
        f"{each.scale_in.failed} of {each.scale_in.requests:,}" if each.scale_in.times else NONE,
        *(f"{each.out[what]:g}" if what in each.out else NONE for what in UP),
        " + ".join(f"{requests:,}" for requests in each.split.values()) or NONE,
    )
