"""Versions: the project's own, and those that programs print."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from embedded.machine import paths

_NUMBERS = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def find(text: str) -> Version | None:
    """The first version in what a program prints; Debian and vendor suffixes are ignored."""
    match = _NUMBERS.search(text)
    return Version(*(int(number or 0) for number in match.groups())) if match else None


def parse(text: str) -> Version:
    """A version that must be there; ValueError if it is not."""
    version = find(text)
    if version is None:
        raise ValueError(f"expected a version such as 1.34.4, got {text!r}")
    return version


@dataclass(frozen=True)
class Pins:
    """What versions.json says about programs."""

    go: str
    tools: tuple[tuple[str, str], ...]
    plugins: tuple[tuple[str, str], ...]
    images: tuple[tuple[str, str], ...]

    def tool(self, name: str) -> str:
        return dict(self.tools)[name]

    def plugin(self, name: str) -> str:
        return dict(self.plugins)[name]

    def image(self, name: str) -> str:
        return dict(self.images)[name]

    def reference(self, image: str) -> str:
        """`name:tag`."""
        return f"{image}:{self.image(image)}"


def read_pins(file: Path) -> Pins:
    content = json.loads(file.read_text())
    tools, plugins, images = (tuple(content[kind].items()) for kind in ("tools", "plugins", "images"))
    return Pins(content["go"], tools, plugins, images)


@cache
def pins() -> Pins:
    return read_pins(paths.ROOT / "versions.json")
