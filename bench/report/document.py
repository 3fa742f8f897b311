"""What a page says, before it is HTML or Markdown: sections of sentences, tables and plots.

Texts may hold `code` and **strong** words.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows of text under a head. `wide`: more columns than a phone shows; it scrolls by itself."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Plot:
    """A drawing. `name` is its file's in plots/, `says` what it shows in a sentence, `svg` its source."""

    name: str
    says: str
    svg: str
    png: bytes = b""


@dataclass(frozen=True)
class Section:
    """One heading and what stands below it, in this order. `notes` say how it was obtained."""

    anchor: str
    title: str
    says: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
