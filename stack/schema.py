"""Turn raw Pulumi configuration into frozen dataclasses; collect every mistake, not only the first.

A settings class declares each field by `setting(default, rule, doc)`. Its key is its name in camelCase, its
path the keys that lead to it, joined by dots. A message reads `KEY: expected RANGE, got VALUE; FIX`.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar, cast

from stack.quantities import Cpu, Memory
from stack.rules import DockerConfig, Duration, Registry, Secret, Text

HIDDEN = (DockerConfig, Secret)  # neither messages nor outputs show what is read by them
TEXTUAL = (Cpu, Duration, Memory, Registry, Text, *HIDDEN)  # a text that looks like JSON stays a text

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """Why a setting is refused. `besides` are the other settings that it contradicts."""

    key: str
    expected: str
    got: str
    fix: str
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected}, got {self.got}; {self.fix}"


class SettingsError(ValueError):
    """One or more settings are wrong; `problems` holds a message for each."""

    def __init__(self, problems: Sequence[Problem | str]) -> None:
        self.problems = tuple(str(problem) for problem in problems)
        super().__init__("\n".join(self.problems))


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


@dataclass(frozen=True)
class Entry:
    """One setting of a schema: a value, or a group that is off unless set."""

    path: str
    rule: Rule | Section
    default: object
    doc: str


def setting(
    default: object, rule: Rule | Section, doc: str = ""
) -> Any:  # as dataclasses.field, which fits every annotation
    """A dataclass field that `parse` understands; `default` None means that the setting is optional.

    A group with a default needs no `doc`: its settings have theirs.
    """
    secret = isinstance(rule, HIDDEN)
    return field(default=default, metadata={"rule": rule, "doc": doc}, repr=not secret)


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


def entries(cls: type, path: str = "", base: object = None) -> Iterator[Entry]:
    """Every setting of a class in the order of declaration. `base` overrides the class's own defaults."""
    for f in fields(cls):
        rule, default = rule_of(f), _default(f, base)
        at = path + camel(f.name)
        if not isinstance(rule, Section) or not is_dataclass(default):
            yield Entry(at, rule, default, f.metadata["doc"])
        if isinstance(rule, Section):
            yield from entries(rule.cls, at + ".", default if is_dataclass(default) else None)


def parse(
    cls: type[T], raw: Mapping[str, object], path: str = "", base: object = None
) -> tuple[T, list[Problem]]:
    """Read `raw` as `cls`. Returns the settings (a bad value keeps its default) and all problems.

    `base`: the settings that hold where `raw` says nothing, if other than the defaults of `cls`.
    """
    problems = [_unknown(cls, path, key, value) for key, value in raw.items() if key not in keys(cls)]
    values: dict[str, object] = {}
    for f in fields(cls):  # type: ignore[arg-type]  # T is always a dataclass
        key, default = camel(f.name), _default(f, base)
        if key in raw:
            value, found = _read(rule_of(f), raw[key], path + key, default)
            problems += found
            values[f.name] = default if found and value is None else value
        else:
            values[f.name] = default
        if values[f.name] is MISSING:  # the value is never used: with a problem there are no settings
            problems += [] if key in raw else [Problem(path + key, rule_of(f).expected, "nothing", "set it")]
    return cls(**values), problems


def _default(f: "Field[object]", base: object) -> object:
    return f.default if base is None else getattr(base, f.name)


def _read(rule: Rule | Section, raw: object, path: str, default: object) -> tuple[object, list[Problem]]:
    value = raw if isinstance(rule, TEXTUAL) else decoded(raw)
    if isinstance(rule, Section):
        if isinstance(value, Mapping):
            return parse(rule.cls, value, path + ".", default if is_dataclass(default) else None)
        fix = f"set one of its keys, such as: pulumi config set --path {path}.{keys(rule.cls)[0]} VALUE"
        return None, [Problem(path, rule.expected, shown(value), fix)]
    try:
        return rule.read(value), []
    except ValueError as error:
        got = "something else" if isinstance(rule, HIDDEN) else shown(value)
        return None, [Problem(path, rule.expected, got, str(error))]


def as_keys(settings: object, base: object = None) -> dict[str, object]:
    """The inverse of `parse`: what differs from the defaults, by keys in camelCase, as plain JSON data."""
    found: dict[str, object] = {}
    for f in fields(settings):  # type: ignore[arg-type]  # always a dataclass
        value, default = getattr(settings, f.name), _default(f, base)
        if value != default:
            found[camel(f.name)] = _plain(value, default)
    return found


def _plain(value: object, default: object) -> object:
    if is_dataclass(value):
        return as_keys(value, default if is_dataclass(default) else None)
    if isinstance(value, tuple):
        pairs = bool(value) and all(isinstance(each, tuple) for each in value)
        return dict(value) if pairs else list(value)
    return value


def as_paths(cls: type, raw: Mapping[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """`raw` with keys such as `resources.cpuLimit`, which were set without --path, where they belong."""
    found: dict[str, object] = {key: value for key, value in raw.items() if len(_steps(cls, key)) == 1}
    problems = []
    for key in [key for key in raw if len(_steps(cls, key)) > 1]:
        try:
            found = _put(found, _steps(cls, key), raw[key])
        except ValueError:
            fix = f"type: pulumi config rm {shlex.quote(key)}"
            problems.append(Problem(key, "to be set once", f"it twice, here to {shown(raw[key])}", fix))
    return found, problems


def _steps(cls: type, key: str) -> list[str]:
    """The keys that lead to a setting; what follows a setting itself is one key, as an annotation's name."""
    rules = {camel(f.name): rule_of(f) for f in fields(cls)}
    head, dot, rest = key.partition(".")
    if not dot or head not in rules:
        return [key]
    rule = rules[head]
    return [head, *(_steps(rule.cls, rest) if isinstance(rule, Section) else [rest])]


def _put(group: Mapping[str, object], steps: Sequence[str], value: object) -> dict[str, object]:
    head, *rest = steps
    below = decoded(group.get(head, {}))
    if not isinstance(below, Mapping) or (not rest and head in group):
        raise ValueError(head)
    return {**group, head: _put(below, rest, value) if rest else value}


def given(raw: Mapping[str, object], path: str = "") -> frozenset[str]:
    """The paths of all keys that `raw` holds, those of groups included."""
    found = {path + str(key) for key in raw}
    for key, value in raw.items():
        group = decoded(value)
        if isinstance(group, Mapping):
            found |= given(group, f"{path}{key}.")
    return frozenset(found)


def decoded(raw: object) -> object:
    """Pulumi hands every top-level value over as a string: objects, lists, numbers and booleans as JSON."""
    if not isinstance(raw, str) or not raw.strip():
        return raw
    try:
        return cast("object", json.loads(raw))
    except (ValueError, RecursionError):
        return raw


def shown(raw: object) -> str:
    """A value as the user wrote it, cut to one line."""
    text = json.dumps(raw, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def _unknown(cls: type, path: str, key: object, value: object) -> Problem:
    word, known = str(key), keys(cls)
    deeper = [entry.path for entry in entries(cls) if entry.path.rpartition(".")[2] == word]
    near = get_close_matches(word, known, n=1) or deeper
    fix = f"did you mean {path}{near[0]}?" if near else "remove it"
    if near and "." in near[0]:
        typed = " ".join(shlex.quote(str(text)) for text in (path + near[0], decoded(value)))
        fix += (
            f" Type: pulumi config rm --path {shlex.quote(path + word)} && pulumi config set --path {typed}"
        )
    return Problem(path + word, f"one of {', '.join(known)}", "an unknown key", fix)
