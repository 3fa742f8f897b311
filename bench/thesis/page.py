"""The page “The thesis, measured again”: every claim beside what an experiment says on it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.records.store import Evidence
from bench.report.document import Plot
from bench.report.plots import canvas, svg
from bench.report.render import THESIS_PAGE, page
from bench.report.words import NONE, count
from bench.thesis import claims, obtained
from bench.thesis.claims import Claim, Number
from bench.thesis.drawings import DRAWINGS
from bench.thesis.gather import Seen, gather
from bench.thesis.judge import Judged, Subject, judge
from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE, UNTESTED, UNTOLD, VERDICTS

TEMPLATES = Path(__file__).resolve().parent / "templates"
# By verdict, the palette's colour of its mark and the mark.
MARKS = {
    HOLDS: ("green", "✓"),
    OTHERWISE: ("blue", "≈"),
    DOES_NOT: ("orange", "✗"),
    UNTOLD: ("muted", "?"),
    UNTESTED: ("muted", "–"),
}


@dataclass(frozen=True)
class Entry:
    """One claim on the page. `there` are the thesis's figures; `plots` holds our drawing, if it has one."""

    judged: Judged
    there: str
    colour: str
    mark: str
    plots: tuple[Plot, ...]


@dataclass(frozen=True)
class Chapter:
    """One subject of the page."""

    anchor: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Pages:
    """The page in two forms. Markdown names its plots as `plots/NAME.png`; HTML holds them."""

    html: str
    markdown: str
    plots: tuple[Plot, ...]


def pages(evidence: Evidence) -> Pages:
    """Judge an experiment's evidence and write it down, the same bytes every time. Raises ReadError."""
    seen = gather(evidence)
    read = claims.read()
    told = {claim.id: claim for subject in read for claim in subject.claims}
    subjects = judge(read, seen)
    chapters = tuple(_chapters(subjects, _draw(seen, told)))
    html, markdown = (
        page(name, TEMPLATES, chapters=chapters, says=summary(subjects), notes=obtained.sentences(seen))
        for name in ("thesis.html.j2", "thesis.md.j2")
    )
    plots = tuple(plot for chapter in chapters for entry in chapter.entries for plot in entry.plots)
    return Pages(html, markdown, plots)


def files(evidence: Evidence) -> dict[str, bytes]:
    """The page's files by their path. Raises ReadError."""
    made = pages(evidence)
    text = {THESIS_PAGE: made.html.encode(), "thesis.md": made.markdown.encode()}
    return text | dict(svg.files(made.plots))


def summary(subjects: Sequence[Subject]) -> str:
    """How many claims got which verdict, in a sentence."""
    found = Counter(judged.verdict for subject in subjects for judged in subject.judged)
    parts = [f"{found[verdict]} {_plural(verdict, found[verdict])}" for verdict in VERDICTS if found[verdict]]
    return f"Of {count(found.total(), 'statement')} of the thesis on scaling {'; '.join(parts)}."


def _plural(verdict: str, number: int) -> str:
    words = {HOLDS: "hold", OTHERWISE: "hold, but for another reason", DOES_NOT: "do not hold"}
    words[UNTESTED] = "are not tested here"
    return verdict if number == 1 else words.get(verdict, verdict)


def _draw(seen: Seen, told: Mapping[str, Claim]) -> Mapping[str, Plot]:
    with canvas.style("thesis"):
        wide = _drawn(seen, told)
    with canvas.style("thesis", width=canvas.NARROW):
        narrow = _drawn(seen, told)
    return dict(zip(wide, svg.both(tuple(wide.values()), tuple(narrow.values())), strict=True))


def _drawn(seen: Seen, told: Mapping[str, Claim]) -> Mapping[str, Plot]:
    drawn = {id_: drawing(seen, told) for id_, drawing in DRAWINGS.items()}
    return {id_: plot for id_, plot in drawn.items() if plot}


def _chapters(subjects: Sequence[Subject], drawn: Mapping[str, Plot]) -> Iterator[Chapter]:
    for number, subject in enumerate(subjects, 1):
        entries = tuple(_entry(judged, drawn.get(judged.claim.id)) for judged in subject.judged)
        yield Chapter(f"subject-{number}", subject.title, entries)


def _entry(judged: Judged, plot: Plot | None) -> Entry:
    colour, mark = MARKS[judged.verdict]
    there = ", ".join(map(_number, judged.claim.numbers)) or NONE
    return Entry(judged, there, colour, mark, (plot,) if plot else ())


def _number(found: Number) -> str:
    value = f"{found.value:,g} {found.unit}".strip()
    return value if found.unit == found.name else f"{found.name} {value}"
