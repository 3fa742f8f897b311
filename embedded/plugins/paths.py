"""Property paths: how the engine, the user and a diff name one place in an object."""

import re
from typing import TypeAlias

from embedded.plugins.values import Value

Path: TypeAlias = tuple[str | int, ...]

WILDCARD = "*"
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]"]+)')


def parse(text: str) -> Path:
    """Parse `spec.containers[0].image`, `metadata.annotations["a.b/c"]` or `spec.containers[*]`.

    Raises ValueError naming the path where it is malformed.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f'property path: expected a form like spec.template["a.b"][0], got "{text}"')
        quoted, index, name = match.groups()
        if quoted is not None:
            steps.append(quoted.replace('\\"', '"'))
        elif index is not None:
            steps.append(WILDCARD if index == WILDCARD else int(index))
        else:
            steps.append(name)
        position = match.end()
    return tuple(steps)


def text(path: Path) -> str:
    """The path in the form that `parse` reads."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif re.search(r'[."\[\]]', step):
            escaped = step.replace('"', '\\"')
            written += f'["{escaped}"]'
        else:
            written += f".{step}" if written else step
    return written


def contains(outer: Path, inner: Path) -> bool:
    """Whether `inner` is `outer` or lies inside it; `*` in `outer` stands for any one step."""
    if len(outer) > len(inner):
        return False
    return all(step in (WILDCARD, other) for step, other in zip(outer, inner, strict=False))


def get(value: Value, path: Path) -> Value:
    """The value at `path`, or None."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def expand(value: Value, path: Path) -> list[Path]:
    """The existing places that `path` names, each without wildcards."""
    if not path:
        return [()]
    step, rest = path[0], path[1:]
    found: list[Path] = []
    for key in _keys(value):
        if step in (WILDCARD, key):
            found += [(key, *tail) for tail in expand(get(value, (key,)), rest)]
    return found


def _keys(value: Value) -> list[str | int]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def replaced(value: Value, path: Path, new: Value) -> Value:
    """A copy with `new` at `path` (None removes a member); the same value where the parent is missing."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(step, str):
        child = replaced(value.get(step), rest, new)
        changed = {**value, step: child}
        return {key: item for key, item in changed.items() if item is not None or key != step}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], replaced(value[step], rest, new), *value[step + 1 :]]
    return value
