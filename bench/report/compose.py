"""From an analysis to the files of its report, by name. Reads raw data, writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

from bench.analysis import stored
from bench.analysis.analysis import Analysis
from bench.report import render
from bench.report.document import Section
from bench.report.plots import canvas, svg
from bench.report.sections import (
    answer,
    comparison,
    inside,
    latency,
    method,
    prediction,
    run_answer,
    scaling,
    single,
)
from bench.report.sections.material import Material
from bench.report.words import count

Make = Callable[[Material], Section | None]

SECTIONS: tuple[Make, ...] = (
    comparison.comparison,
    comparison.held,
    latency.distributions,
    latency.against_rate,
    inside.batches,
    inside.over_time,
    scaling.autoscaling,
    inside.cpu,
    inside.pods,
    prediction.predicted,
    method.noise,
    method.serving_tax,
    method.obtained,
    method.left_out,
)
OF_STEPS: tuple[Make, ...] = (
    scaling.autoscaling,
    comparison.settings,
    inside.pods,
    method.obtained,
    method.left_out,
)
OF_RUNS: tuple[Make, ...] = (
    single.search,
    single.step,
    single.in_server,
    single.predicted,
    single.taxed,
    single.obtained,
)


def files(material: Material, pool: Executor) -> dict[str, bytes]:
    """The files of an experiment's report by their path; drawn in the pool. Raises BenchError."""
    found = material.found
    asks = "Which way to scale?" if found.rule else "Which stack holds?"
    page = Page(f"{asks} Experiment {found.experiment}", _subtitle(found), answer.verdict(material))
    return dict(_files(found, page, _sections(material, OF_STEPS if found.rule else SECTIONS, pool)))


def files_of_runs(material: Material, pool: Executor) -> dict[str, bytes]:
    """The same of runs that belong to no experiment: each by itself, without what only many can tell."""
    found, runs = material.found, single.newest_first(material)
    each: list[Make] = [partial(single.run, place) for place in range(len(runs))]
    makes = (single.overview, *each, *OF_RUNS)
    title = single.title(runs[0][1].summary) if len(runs) == 1 else f"Runs of {found.experiment}"
    good = not runs or run_answer.is_good(runs[0][1].summary)
    colour = "green" if good else "orange"
    page = Page(title, _subtitle_of_runs(found), single.verdict(material), colour, thesis="")
    return dict(_files(found, page, _sections(material, makes, pool)))


@dataclass(frozen=True)
class Page:
    """What stands above the sections; `colour` is the verdict's, `thesis` the page beside it, or nothing."""

    title: str
    subtitle: str
    verdict: Section
    colour: str = "green"
    thesis: str = render.THESIS_PAGE


def _sections(material: Material, makes: Sequence[Make], pool: Executor) -> list[Section]:
    made = pool.map(partial(_section, material), makes)
    return [section for section in made if section]


def _section(material: Material, make: Make) -> Section | None:
    """Drawn twice, for wide and for narrow paper; all else in it is the same."""
    with canvas.style():
        wide = make(material)
    if wide is None or not wide.plots:
        return wide
    with canvas.style(width=canvas.NARROW):
        narrow = make(material)
    return replace(wide, plots=svg.both(wide.plots, narrow.plots if narrow else ()))


def _files(found: Analysis, page: Page, sections: Sequence[Section]) -> Iterator[tuple[str, bytes]]:
    for template in ("report.html", "report.md"):
        text = render.page(f"{template}.j2", name=found.experiment, page=page, sections=list(sections))
        yield template, text.encode()
    yield "report.json", stored.as_json(found).encode()
    for section in sections:
        yield from svg.files(section.plots)


def _subtitle(found: Analysis) -> str:
    quick = ", a quick experiment: no difference may be claimed" if found.quick else ""
    return (
        f"{count(len(found.rows), 'stack')}, {count(found.blocks, 'block')}, "
        f"{count(found.conditions.runs, 'run')}, "
        f"{found.conditions.first[:10]}{quick}"
    )


def _subtitle_of_runs(found: Analysis) -> str:
    days = dict.fromkeys((found.conditions.first[:10], found.conditions.last[:10]))
    return f"{count(found.conditions.runs, 'run')} of `bench run`, {' to '.join(days)}"
