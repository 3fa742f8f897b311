"""Turn templates into pages. A page is one file: style, script and drawings are in it."""

import re
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bench.report import palette

TEMPLATES = Path(__file__).resolve().parent / "templates"
THESIS_PAGE = "thesis.html"  # the page beside the report, which the report points at


def page(template: str, folder: Path = TEMPLATES, **values: object) -> str:
    """Render a template of `folder`; it may extend or import those of this package, as `base.html.j2`.

    HTML is escaped, other templates are not. A variable that is missing is an error.
    """
    loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(TEMPLATES)])
    environment = Environment(
        loader=loader,
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(inline=inline, cell=cell)
    colours = Markup(palette.style_sheet())
    return environment.get_template(template).render(colours=colours, **values)


def inline(text: str) -> Markup:
    """Plain text in which `…` is code and **…** is strong, as in Markdown; as HTML, line by line."""
    safe = str(escape(text))
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    safe = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
    return Markup(safe.replace("\n", "<br>"))


def cell(text: str) -> str:
    """A text in a Markdown table."""
    return text.replace("|", "\\|").replace("\n", "<br>")
