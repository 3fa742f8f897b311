"""Turn raw Pulumi configuration into frozen dataclasses; collect every mistake, not only the first.

A settings class declares each field by `setting(default, rule, doc)`. Its key is its name in camelCase.
A message reads `KEY: expected RANGE, got VALUE; FIX`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class SettingsError(ValueError):
    """One or more settings are wrong; `problems` holds a message for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Rule(Protocol):
    """What a value may be: `expected` says it in words, `read` converts it or raises ValueError."""

    @property
    def expected(self) -> str: ...

    def read(self, raw: object) -> object: ...


@dataclass(frozen=True)
class Section:
    """A group of settings with keys of its own."""

    cls: type

    @property
    def expected(self) -> str:
        return f"a group of settings ({', '.join(keys(self.cls))})"


def setting(
    default: object, rule: Rule | Section, doc: str
) -> Any:  # as dataclasses.field, which fits every annotation
    """A dataclass field that `parse` understands; `default` None means that the setting is optional."""
    return field(default=default, metadata={"rule": rule, "doc": doc})


def camel(name: str) -> str:
    """`max_batch_size` → `maxBatchSize`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def keys(cls: type) -> list[str]:
    """The keys that a settings class accepts."""
    return [camel(f.name) for f in fields(cls)]


def rule_of(f: "Field[object]") -> Rule | Section:
    """The rule that a field was declared with."""
    return cast("Rule | Section", f.metadata["rule"])


def parse(cls: type[T], raw: Mapping[str, object], path: str = "") -> tuple[T, list[str]]:
    """Read `raw` as `cls`. Returns the settings (a bad value keeps its default) and all problems."""
    problems = [_unknown(path + key, key, keys(cls)) for key in raw if key not in keys(cls)]
    values: dict[str, object] = {}
    for f in fields(cls):  # type: ignore[arg-type]  # T is always a dataclass
        key = camel(f.name)
        if key in raw:
            value, found = _read(rule_of(f), raw[key], path + key)
            problems += found
            if not found or value is not None:
                values[f.name] = value
        elif f.default is MISSING:
            problems.append(f"{path}{key}: expected {rule_of(f).expected}, got nothing; set it")
            values[f.name] = None  # never used: with a problem there are no settings
    return cls(**values), problems


def _read(rule: Rule | Section, raw: object, path: str) -> tuple[object, list[str]]:
    value = decoded(raw)
    if isinstance(rule, Section):
        if isinstance(value, Mapping):
            return parse(rule.cls, value, path + ".")
        return None, [
            f"{path}: expected {rule.expected}, got {shown(value)}; set one of its keys with --path"
        ]
    try:
        return rule.read(value), []
    except ValueError as error:
        return None, [f"{path}: expected {rule.expected}, got {shown(value)}; {error}"]


def decoded(raw: object) -> object:
    """Pulumi hands every top-level value over as a string: objects, lists, numbers and booleans as JSON."""
    if not isinstance(raw, str) or not raw.strip():
        return raw
    try:
        return cast("object", json.loads(raw))
    except json.JSONDecodeError:
        return raw


def shown(raw: object) -> str:
    """A value as the user wrote it, cut to one line."""
    text = raw if isinstance(raw, str) else json.dumps(raw, default=str)
    text = f'"{text}"' if isinstance(raw, str) else text
    return text if len(text) <= 60 else text[:57] + "…"


def _unknown(path: str, key: str, known: Sequence[str]) -> str:
    near = get_close_matches(key, known, n=1)
    fix = f"did you mean {near[0]}?" if near else "remove it"
    return f"{path}: expected one of {', '.join(known)}, got an unknown key; {fix}"
