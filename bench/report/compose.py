"""From an analysis to the files of its report, by name. Reads raw data, writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial

from bench.analysis import stored
from bench.analysis.analysis import Analysis
from bench.report import render
from bench.report.document import Section
from bench.report.plots import canvas
from bench.report.sections import answer, comparison, inside, latency, method, prediction, scaling
from bench.report.sections.material import Material
from bench.report.words import count

SECTIONS = (
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


def files(material: Material, pool: Executor) -> dict[str, bytes]:
    """The files of a report by their path; sections are drawn in the pool. Raises BenchError."""
    sections = list(pool.map(partial(_section, material), SECTIONS, chunksize=2))
    return dict(_files(material.found, answer.verdict(material), sections))


def _section(material: Material, make: Callable[[Material], Section]) -> Section:
    with canvas.style():
        return make(material)


def _files(found: Analysis, verdict: Section, sections: Sequence[Section]) -> Iterator[tuple[str, bytes]]:
    for template in ("report.html", "report.md"):
        text = render.page(
            f"{template}.j2",
            name=found.experiment,
            subtitle=_subtitle(found),
            thesis=render.THESIS_PAGE,
            verdict=verdict,
            sections=list(sections),
        )
        yield template, text.encode()
    yield "report.json", stored.as_json(found).encode()
    for section in sections:
        yield from canvas.files(section.plots)


def _subtitle(found: Analysis) -> str:
    quick = ", a quick experiment: no difference may be claimed" if found.quick else ""
    return (
        f"{count(len(found.rows), 'stack')}, {count(found.blocks, 'block')}, "
        f"{count(found.conditions.runs, 'run')}, "
        f"{found.conditions.first[:10]}{quick}"
    )
