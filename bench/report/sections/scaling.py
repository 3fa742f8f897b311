"""Autoscaling: how long a step of the load hurts, with each way to scale."""

from collections.abc import Sequence

from bench.analysis.recovery import Recovery
from bench.records.estimates import over_runs
from bench.records.events import BIGGER, UP
from bench.report.document import Plot, Section, Table
from bench.report.plots import autoscaling as draw
from bench.report.sections import shootout
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
    order = [each.cell for each in material.found.ranking] or names
    events = [what for what in (*UP, *BIGGER) if what in UP or any(what in each.out for each in found)]
    times = tuple(dict.fromkeys(events))
    head = (
        *("stack", "block", "requests/s", "recovered after, s", "beyond the objective, s", "slow or failed"),
        *("failed before, in, after the step", "failed since a scale-in", "pods as it begins"),
        *(*(f"{what}, s" for what in times), "requests by pod"),
    )
    return Section(
        "autoscaling",
        TITLE,
        tuple(_says(name, by_name[name]) for name in order),
        tuple(_timeline(material, draw.typical(by_name[name])) for name in order),
        (
            *shootout.tables(material.found),
            Table(head, tuple(_row(each, times) for each in found), wide=True),
        ),
        tuple(shootout.notes(material.found)),
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
        return "No pod or CPU was taken away meanwhile."
    failed, asked = sum(each.failed for each in made), sum(each.requests for each in made)
    return (
        f"It scaled in {count(sum(each.times for each in made), 'time')}: {failed} of {asked:,} requests "
        "failed since the decision to."
    )


def _timeline(material: Material, chosen: Recovery) -> Plot:
    runs = {run.summary.run: run for cell in material.cells if cell.name == chosen.cell for run in cell.runs}
    return draw.timeline(chosen, runs[chosen.run].series(), material.found.slo)


def _row(each: Recovery, times: Sequence[str]) -> tuple[str, ...]:
    return (
        f"`{each.cell}`",
        str(each.block) if each.block else NONE,
        " → ".join(number(rate) for rate in each.rates),
        "not in time" if each.recovered is None else f"{each.recovered:g}",
        f"{each.violating_seconds:g}",
        f"{each.violating_requests:,} of {each.requests:,}",
        ", ".join(map(str, each.failed)),
        f"{each.scale_in.failed} of {each.scale_in.requests:,}" if each.scale_in.times else NONE,
        NONE if each.pods_before is None else str(each.pods_before),
        *(f"{each.out[what]:g}" if what in each.out else NONE for what in times),
        " + ".join(f"{requests:,}" for requests in each.split.values()) or NONE,
    )
