"""Write docs/settings.md's and docs/variants.md's tables from the code and the stack files.

`python -m stack.document` rewrites the marked blocks; with `--check` it only says which differ (exit code 1).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING
from pathlib import Path

from stack.files import ROOT, VariantFile, variant_files
from stack.schema import Entry, Section, entries
from stack.settings import Settings


def settings_table() -> str:
    """Every setting with what it accepts, its default and its meaning, as Markdown."""
    rows = ((f"`{entry.path}`", *_cells(entry)) for entry in entries(Settings))
    return _table(("setting", "accepts", "default", "meaning"), rows)


def _cells(entry: Entry) -> tuple[str, str, str]:
    accepts = "a group of settings" if isinstance(entry.rule, Section) else entry.rule.expected
    return accepts, _default(entry.default), entry.doc


def _default(value: object) -> str:
    if value is MISSING:
        return "required"
    if value is None or value == ():
        return "–"
    return f"`{json.dumps(value) if isinstance(value, bool | tuple) else value}`"


def variants_table(variants: Iterable[VariantFile]) -> str:
    """Every variant, those of the thesis first, as Markdown."""
    heads = ("stack", "thesis", "what differs", "what the thesis saw", "what it really is")
    ordered = sorted(variants, key=lambda each: (each.variant.thesis or 99, each.stack))
    return _table(heads, (_variant_row(each) for each in ordered))


def _variant_row(each: VariantFile) -> tuple[str, ...]:
    said = each.variant
    differs = "<br>".join(f"`{path}: {value}`" for path, value in _leaves(each.differs))
    number = str(said.thesis) if said.thesis else "ours"
    return f"`{each.stack}`", number, differs or "–", said.saw or "–", said.really or "–"


def _leaves(group: Mapping[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    for key, value in group.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def rewritten(text: str, name: str, content: str) -> str:
    """`text` with new content between `<!-- NAME -->` and `<!-- /NAME -->`; ValueError where they lack."""
    head, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, tail = rest.partition(f"<!-- /{name} -->")
    if not closing:
        raise ValueError(
            f"docs/{name}.md: expected a block <!-- {name} --> … <!-- /{name} -->, got none; add it"
        )
    return f"{head}{opening}{content}{closing}{tail}"


def stale(root: Path) -> dict[str, str]:
    """The pages whose table is out of date, by their path below `root`, with the text that is due."""
    tables = {"settings": settings_table(), "variants": variants_table(variant_files(root))}
    texts = {name: (root / f"docs/{name}.md").read_text() for name in tables}
    renewed = {name: rewritten(texts[name], name, table) for name, table in tables.items()}
    return {f"docs/{name}.md": text for name, text in renewed.items() if text != texts[name]}


def main(words: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Rewrite the pages, or check them."""
    parser = argparse.ArgumentParser(prog="python -m stack.document", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a table is out of date"
    )
    arguments = parser.parse_args(words)
    pages = stale(root)
    if arguments.check and pages:
        print(f"{', '.join(pages)} out of date; run: python -m stack.document", file=sys.stderr)
        return 1
    for page, text in pages.items():
        (root / page).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
