"""What a model answers with and what it sees: in a file that travels with each export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from model_build.in_archive.contract import THESIS, Sight

FILE = "signature.json"


class Signature(NamedTuple):
    """Index of a class in `classes` = index of its output in every network."""

    classes: tuple[str, ...]
    sight: Sight = THESIS


def load(folder: Path) -> Signature:
    """What `save` wrote into the folder."""
    fields = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Signature(tuple(fields["classes"]), Sight(fields["side"], fields["channels"]))


def save(signature: Signature, folder: Path) -> None:
    """The same signature gives the same bytes."""
    fields = {"classes": signature.classes, **signature.sight._asdict()}
    (folder / FILE).write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
