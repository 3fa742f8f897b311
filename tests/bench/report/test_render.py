"""Templates become pages of one file."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from bench.report.document import Plot, Section, Table
from bench.report.render import inline, page

CHILD = """{% extends "base.html.j2" %}
{% import "sections.html.j2" as draw %}
{% block title %}{{ name }}{% endblock %}
{% block content %}{{ draw.contents(sections) }}{{ draw.sections(sections) }}{% endblock %}
"""
SECTION = Section(
    "one",
    "A < B",
    says=("`tf-default` holds **40**",),
    plots=(Plot("dots", "what holds", "<svg></svg>"),),
    tables=(Table(("arm", "p95"), (("a|b", "<1"),)),),
    notes=("over 3 blocks",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "child.html.j2").write_text(CHILD)
    (tmp_path / "child.md.j2").write_text(
        '{% import "sections.md.j2" as draw %}{{ draw.sections(sections) }}'
    )
    return tmp_path


def test_a_page_of_another_package_extends_the_base_and_asks_for_nothing(folder: Path) -> None:
    text = page("child.html.j2", folder, name="An & experiment", sections=(SECTION,))
    assert "<h1>An &amp; experiment</h1>" in text
    assert '<a href="#one">A &lt; B</a>' in text
    assert "<td>&lt;1</td>" in text
    assert "<code>tf-default</code> holds <strong>40</strong>" in text
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\(|@import|https?://""", text)


def test_a_page_has_colours_for_both_schemes_and_for_print(folder: Path) -> None:
    text = page("child.html.j2", folder, name="x", sections=())
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "--ink: #1b1f24" in text
    assert "--ink: #e6e8eb" in text


def test_markdown_keeps_its_table_and_names_the_picture(folder: Path) -> None:
    text = page("child.md.j2", folder, sections=(SECTION,))
    assert "| arm | p95 |\n| --- | --- |\n| a\\|b | <1 |\n" in text
    assert "![what holds](plots/dots.png)" in text


def test_a_missing_variable_is_an_error(folder: Path) -> None:
    with pytest.raises(UndefinedError):
        page("child.html.j2", folder, sections=())


def test_inline_text_cannot_smuggle_markup() -> None:
    assert inline("`<b>` **x**") == "<code>&lt;b&gt;</code> <strong>x</strong>"
