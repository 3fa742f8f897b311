"""Figures as files: an SVG for light and dark paper, a PNG."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from matplotlib.figure import Figure

from bench.report import palette
from bench.report.document import Plot
from bench.report.plots.canvas import is_narrow

PNG_DPI = 100


def plot(made: Figure, name: str, says: str) -> Plot:
    """Render a figure, byte-identical every time."""
    text, image = io.StringIO(), io.BytesIO()
    made.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    if not is_narrow(made):
        made.savefig(image, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return Plot(name, says, inline_svg(text.getvalue(), says), image.getvalue())


def both(wide: Sequence[Plot], narrow: Sequence[Plot]) -> tuple[Plot, ...]:
    """Each plot with its drawing on narrow paper."""
    return tuple(replace(one, narrow=other.svg) for one, other in zip(wide, narrow, strict=True))


def inline_svg(text: str, says: str) -> str:
    """A drawing to stand in a page: its colours are the page's variables; what cannot be seen is left out."""
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r' id="[A-Za-z]+[A-Za-z0-9]*_[0-9]+"', "", body)
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", body, count=1)
    body = re.sub(
        r'(<svg[^>]*?) height="[^"]*"', rf'\1 role="img" aria-label="{escape(says)}"', body, count=1
    )
    for colour in palette.ALL:
        body = body.replace(colour.light, f"var(--{colour.name})")
    return re.sub(r"\n\s*", "\n", body).strip()


def standalone_svg(inline: str) -> str:
    """The same as a file of its own, which follows the reader's colour scheme."""
    head, tag, rest = inline.partition(">")
    sheet = f"<style>\n{palette.style_sheet()}</style>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{tag}\n{sheet}{rest}\n'


def files(plots: Sequence[Plot]) -> Iterator[tuple[str, bytes]]:
    """Each plot as a file of its own, twice."""
    for plot in plots:
        yield f"plots/{plot.name}.svg", standalone_svg(plot.svg).encode()
        yield f"plots/{plot.name}.png", plot.png
