"""Versions of the images that the stacks name; `versions.json` is their only home."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "versions.json"


@dataclass(frozen=True)
class Versions:
    """Tags of upstream images by name."""

    images: Mapping[str, str]

    def image(self, name: str) -> str:
        """The tag of the image `name`. Raises KeyError for an image that versions.json does not list."""
        return self.images[name]


def load(file: Path = FILE) -> Versions:
    """The versions of a file."""
    return Versions(json.loads(file.read_text())["images"])
