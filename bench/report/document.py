"""What a page says, before it is HTML or Markdown: sections of sentences, tables and plots.

Texts may hold `code` and **strong** words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FIGURE = re.compile(r"[−+×~]? ?\d")
WORD = re.compile(r"[^\W\d_]+")
LONGEST_UNIT = 3  # letters
LONGEST_FIGURE = 26  # characters of a line; what is longer is text that begins with a figure
NOTHING = ("", "–", "none")


@dataclass(frozen=True)
class Table:
    """Rows of text under a head. `wide`: more columns than a phone shows; it scrolls by itself."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    wide: bool = False

    @property
    def figures(self) -> tuple[bool, ...]:
        """Which columns hold figures, to be aligned right: half of their cells at least are some."""
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.head)
        return tuple(_is_of_figures(column) for column in columns)


def _is_of_figures(column: Sequence[str]) -> bool:
    telling = [text for text in column if text not in NOTHING]
    short = all(len(line) <= LONGEST_FIGURE for text in telling for line in text.split("\n"))
    return bool(telling) and short and 2 * sum(map(_is_figure, telling)) >= len(telling)


def _is_figure(text: str) -> bool:
    """Begins with one and has no more words than a unit, as `0.02 USD`, and `of`."""
    words = "".join(WORD.findall(text.split("\n", maxsplit=1)[0])).replace("of", "")
    return bool(FIGURE.match(text)) and len(words) <= LONGEST_UNIT


@dataclass(frozen=True)
class Plot:
    """A drawing. `name` is its file's in plots/, `says` what it shows in a sentence, `svg` its source.

    `narrow` is the same drawn for a phone's width, empty where that was not done.
    """

    name: str
    says: str
    svg: str
    png: bytes = b""
    narrow: str = ""


@dataclass(frozen=True)
class Section:
    """One heading and what stands below it, in this order. `notes` say how it was obtained."""

    anchor: str
    title: str
    says: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
