"""The rules that single settings obey. Each converts a value or raises ValueError with the fix."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

CPU = r"[0-9]{1,6}m|[0-9]{1,4}(\.[0-9]{1,3})?"
MEMORY = r"[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti|k|M|G|T)"
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_ANNOTATION = r"([a-z0-9][-a-z0-9.]*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"


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

    choice: Collection[str] = ()

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
    fix: str = "write it in that form"

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or not re.fullmatch(self.pattern, raw):
            raise ValueError(self.fix)
        return raw


@dataclass(frozen=True)
class Registry:
    """Where images are pushed: host, port and path, without the tag or digest of any one image."""

    expected: str = "a registry and path such as registry.example.com/team"

    def read(self, raw: object) -> str:
        text = raw if isinstance(raw, str) else ""
        _, slash, last = text.rpartition("/")
        if "@" in text or (":" in last and (slash or not re.fullmatch(r"[^:]+:[0-9]+", last))):
            raise ValueError("leave out tag and digest; every image gets its own, made from its content")
        if not re.fullmatch(
            r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]([-a-z0-9._]*[a-z0-9])?)*", text
        ):
            raise ValueError("write HOST/PATH in small letters")
        return text


@dataclass(frozen=True)
class DockerConfig:
    """The text of a Docker `config.json`. It is a secret: messages never show it."""

    expected: str = "the JSON text of a Docker config.json"

    def read(self, raw: object) -> str:
        fix = 'paste the file that `docker login` writes: {"auths": {"REGISTRY": {"auth": "…"}}}'
        try:
            config = json.loads(raw) if isinstance(raw, str) else raw
        except (ValueError, RecursionError) as error:
            raise ValueError(fix) from error
        if not isinstance(config, Mapping) or not isinstance(config.get("auths"), Mapping):
            raise ValueError(fix)
        return raw if isinstance(raw, str) else json.dumps(config)


@dataclass(frozen=True)
class Duration:
    """A duration as Prometheus writes it: `90m`, `2h`, `7d`."""

    expected: str = "a duration such as 2h or 7d"

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or not re.fullmatch(r"[1-9][0-9]{0,5}[smhdw]", raw):
            raise ValueError("write a whole number and s, m, h, d or w")
        return raw


@dataclass(frozen=True)
class Labels:
    """Texts by name, such as annotations."""

    expected: str = "texts by name"

    def read(self, raw: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(raw, Mapping) or not all(isinstance(value, str) for value in raw.values()):
            raise ValueError("write NAME: TEXT for each, the text in quotes")
        if not all(re.fullmatch(_ANNOTATION, str(name)) for name in raw):
            raise ValueError("write names like example.com/name")
        return tuple(sorted((str(name), str(value)) for name, value in raw.items()))


@dataclass(frozen=True)
class Cpu:
    """A CPU quantity of Kubernetes: `500m`, `1`, `1.5`."""

    expected: str = "a CPU quantity such as 500m or 1.5"

    def read(self, raw: object) -> str:
        text = str(raw)
        if isinstance(raw, bool) or not re.fullmatch(CPU, text) or not millicores(text):
            raise ValueError("write cores (1.5) or thousandths of a core (1500m)")
        return text


@dataclass(frozen=True)
class Memory:
    """A memory quantity of Kubernetes with its unit: `512Mi`, `2Gi`."""

    expected: str = "a memory quantity with a unit, such as 512Mi"

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or not re.fullmatch(MEMORY, raw):
            raise ValueError("add the unit: Mi or Gi")
        return raw


def millicores(quantity: str) -> int:
    """`500m` → 500, `1.5` → 1500."""
    return int(quantity[:-1]) if quantity.endswith("m") else round(float(quantity) * 1000)


def mebibytes(quantity: str) -> float:
    """`512Mi` → 512.0."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", quantity).groups()  # type: ignore[union-attr]
    return int(number) * (_BINARY | _DECIMAL)[unit] / 2**20


def seconds(duration: str) -> int:
    """`2h` → 7200."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


TEXTUAL = (Cpu, DockerConfig, Duration, Memory, Registry, Text)  # a text that looks like JSON stays a text
