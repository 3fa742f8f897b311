"""From evidence to everything that a report consists of, by file name. Reads raw data, writes nothing."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial

from bench.analysis.analysis import Analysis, analyse
from bench.analysis.cells import cells
from bench.analysis.cost import Prices
from bench.records.store import Evidence
from bench.report.document import Plot, Section
from bench.report.plots import canvas
from bench.report.render import page
from bench.report.sections import answer, comparison, inside, latency, method, prediction, scaling
from bench.report.sections.material import Material
from bench.report.words import count
from bench.thesis.page import Pages, pages

THESIS_PAGE = "thesis.html"

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


def report(evidence: Evidence, prices: Prices, baseline: str | None = None) -> dict[str, bytes]:
    """The files of a report by their path. Raises BenchError."""
    found = analyse(evidence, prices, baseline)
    material = Material(found, cells(evidence))
    with ProcessPoolExecutor() as pool:  # drawing takes most of the time
        thesis = pool.submit(pages, evidence)
        sections = list(pool.map(partial(_section, material), SECTIONS, chunksize=2))
        files = dict(_files(found, answer.verdict(material), sections))
        return files | dict(_thesis(thesis.result()))


def _section(material: Material, make: Callable[[Material], Section]) -> Section:
    with canvas.style():
        return make(material)


def _files(found: Analysis, verdict: Section, sections: Sequence[Section]) -> Iterator[tuple[str, bytes]]:
    for template in ("report.html", "report.md"):
        text = page(
            f"{template}.j2",
            name=found.experiment,
            subtitle=_subtitle(found),
            thesis=THESIS_PAGE,
            verdict=verdict,
            sections=list(sections),
        )
        yield template, text.encode()
    yield "report.json", as_json(found).encode()
    for section in sections:
        yield from drawings(section.plots)


def _thesis(made: Pages) -> Iterator[tuple[str, bytes]]:
    yield THESIS_PAGE, made.html.encode()
    yield "thesis.md", made.markdown.encode()
    yield from drawings(made.plots)


def drawings(plots: Sequence[Plot]) -> Iterator[tuple[str, bytes]]:
    """Each plot as a file of its own, twice."""
    for plot in plots:
        yield f"plots/{plot.name}.svg", canvas.standalone_svg(plot.svg).encode()
        yield f"plots/{plot.name}.png", plot.png


def as_json(found: Analysis) -> str:
    """The whole analysis; `bench gate` reads it as its baseline."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def _subtitle(found: Analysis) -> str:
    quick = ", a quick experiment: no difference may be claimed" if found.quick else ""
    return (
        f"{count(len(found.rows), 'stack')}, {count(found.blocks, 'block')}, "
        f"{count(found.conditions.runs, 'run')}, "
        f"{found.conditions.first[:10]}{quick}"
    )
