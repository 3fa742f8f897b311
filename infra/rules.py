"""The rules that single settings obey. Each converts a value or raises ValueError with the fix."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds, both included."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        return f"integer {self.low}–{self.high}"

    def read(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise ValueError("write a whole number")
        if not self.low <= raw <= self.high:
            raise ValueError(f"choose a value from {self.low} to {self.high}")
        return raw


@dataclass(frozen=True)
class Real:
    """A number within bounds, both included."""

    low: float
    high: float

    @property
    def expected(self) -> str:
        return f"number {self.low:g}–{self.high:g}"

    def read(self, raw: object) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise ValueError("write a number")
        if not self.low <= raw <= self.high:
            raise ValueError(f"choose a value from {self.low:g} to {self.high:g}")
        return float(raw)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    expected: str = "true or false"

    def read(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise ValueError("write true or false")
        return raw


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.words)

    def read(self, raw: object) -> str:
        if raw not in self.words:
            raise ValueError(f"use {' or '.join(self.words)}")
        return str(raw)


@dataclass(frozen=True)
class Words:
    """A list of different words; from a fixed choice when one is given."""

    choice: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        return f"a list of {', '.join(self.choice)}" if self.choice else "a list of names"

    def read(self, raw: object) -> tuple[str, ...]:
        words = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and w for w in words):
            raise ValueError("write a list with at least one name")
        if len(set(words)) != len(words):
            raise ValueError("name each only once")
        wrong = [w for w in words if self.choice and w not in self.choice]
        if wrong:
            raise ValueError(f"{wrong[0]} is not among them")
        return tuple(words)


@dataclass(frozen=True)
class Text:
    """A text that matches a pattern."""

    pattern: str
    expected: str

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or not re.fullmatch(self.pattern, raw):
            raise ValueError("correct it")
        return raw


@dataclass(frozen=True)
class Labels:
    """Texts by name, such as annotations."""

    expected: str = "texts by name"

    def read(self, raw: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(raw, Mapping) or not all(isinstance(value, str) for value in raw.values()):
            raise ValueError("write NAME: TEXT for each, the text in quotes")
        return tuple(sorted((str(name), str(value)) for name, value in raw.items()))


@dataclass(frozen=True)
class Cpu:
    """A CPU quantity of Kubernetes: `500m`, `1`, `1.5`."""

    expected: str = "a CPU quantity such as 500m or 1.5"

    def read(self, raw: object) -> str:
        text = str(raw)
        if isinstance(raw, bool) or not re.fullmatch(r"\d+m|\d+(\.\d{1,3})?", text) or millicores(text) == 0:
            raise ValueError("write cores (1.5) or thousandths of a core (1500m)")
        return text


@dataclass(frozen=True)
class Memory:
    """A memory quantity of Kubernetes with its unit: `512Mi`, `2Gi`."""

    expected: str = "a memory quantity with a unit, such as 512Mi"

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or not re.fullmatch(r"[1-9]\d*(Ki|Mi|Gi|Ti|k|M|G|T)", raw):
            raise ValueError("add the unit: Mi or Gi")
        return raw


def millicores(quantity: str) -> int:
    """`500m` → 500, `1.5` → 1500."""
    return int(quantity[:-1]) if quantity.endswith("m") else round(float(quantity) * 1000)


def mebibytes(quantity: str) -> float:
    """`512Mi` → 512.0."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", quantity).groups()  # type: ignore[union-attr]
    return int(number) * (_BINARY | _DECIMAL)[unit] / 2**20
