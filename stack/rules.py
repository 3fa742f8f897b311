"""The rules that single settings obey. Each converts a value or raises ValueError with the fix."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

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
            meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(raw).lower())
            raise ValueError(f"write {meant or 'true or false'}")
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
        text = as_text(raw)
        if text is None or not re.fullmatch(self.pattern, text):
            raise ValueError(self.fix)
        return text


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
class Secret:
    """A key that programs send: messages never show it."""

    expected: str = "a key of 16 to 256 letters, digits, - and _"

    def read(self, raw: object) -> str:
        text = as_text(raw) or ""
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", text):
            raise ValueError("make one: openssl rand -hex 32")
        return text


@dataclass(frozen=True)
class Duration:
    """A duration as Prometheus writes it: `90m`, `2h`, `7d`."""

    expected: str = "a duration such as 2h or 7d"

    def read(self, raw: object) -> str:
        text = as_text(raw) or ""
        if not re.fullmatch(r"[1-9][0-9]{0,5}[smhdw]", text):
            meant = f": {text}s, {text}m or {text}h" if re.fullmatch("[1-9][0-9]{0,5}", text) else ""
            raise ValueError(f"write a whole number and s, m, h, d or w{meant}")
        return text


@dataclass(frozen=True)
class Labels:
    """Texts by name, such as annotations.

    `pulumi config set --path` makes a path of a name's dots, and numbers and truth values of texts.
    """

    expected: str = "texts by name"

    def read(self, raw: object) -> tuple[tuple[str, str], ...]:
        found = dict(_leaves(raw)) if isinstance(raw, Mapping) else {"": None}
        if any(text is None for text in found.values()):
            raise ValueError("""write NAME: TEXT, or type: pulumi config set --path 'PATH["NAME"]' TEXT""")
        if not all(re.fullmatch(_ANNOTATION, name) for name in found):
            raise ValueError("write names like example.com/name")
        return tuple(sorted((name, str(text)) for name, text in found.items()))


def _leaves(group: Mapping[object, object], path: str = "") -> Iterator[tuple[str, str | None]]:
    for key, value in group.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", as_text(value)


def as_text(raw: object) -> str | None:
    """What was typed, where Pulumi took a text for a number or a truth value; None for anything else."""
    if isinstance(raw, bool | int | float):
        return json.dumps(raw)
    return raw if isinstance(raw, str) else None


def seconds(duration: str) -> int:
    """`2h` → 7200."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]
