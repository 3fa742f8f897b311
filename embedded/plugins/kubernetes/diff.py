"""What changed: the recorded object, cut to the shape of the old inputs, against the new inputs, by leaf."""

from collections.abc import Iterable

from embedded.plugins import paths
from embedded.plugins.calls import Change, Edit
from embedded.plugins.kubernetes import quantities
from embedded.plugins.paths import Path
from embedded.plugins.values import Object, Unknown, Value


def prune(live: Value, shape: Value) -> Value:
    """The part of `live` that `shape` has too; lists are matched by index and cut to the shape's length."""
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: prune(live[key], item) for key, item in shape.items() if key in live}
    if isinstance(live, list) and isinstance(shape, list):
        return [prune(item, wanted) for item, wanted in zip(live, shape, strict=False)]
    return live


def prune_object(live: Object, shape: Object) -> Object:
    """`prune` for an object."""
    return {key: prune(live[key], item) for key, item in shape.items() if key in live}


def compare(old: Value, new: Value, at: Path = ()) -> list[Change]:
    """The changes from `old` to `new`, each at the deepest place that both sides share."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _compare_objects(old, new, at)
    if isinstance(old, list) and isinstance(new, list):
        return _compare_lists(old, new, at)
    return [] if same(at, old, new) else [Change(at, Edit.UPDATE)]


def _compare_objects(old: Object, new: Object, at: Path) -> list[Change]:
    changes: list[Change] = []
    for key, value in new.items():
        if key in old:
            changes += compare(old[key], value, (*at, key))
        else:
            changes.append(Change((*at, key), Edit.ADD))
    return changes + [Change((*at, key), Edit.DELETE) for key in old if key not in new]


def _compare_lists(old: list[Value], new: list[Value], at: Path) -> list[Change]:
    changes: list[Change] = []
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        changes += compare(before, after, (*at, index))
    changes += [Change((*at, index), Edit.ADD) for index in range(len(old), len(new))]
    return changes + [Change((*at, index), Edit.DELETE) for index in range(len(new), len(old))]


def same(at: Path, old: Value, new: Value) -> bool:
    """Whether two leaves mean the same to the API server."""
    if isinstance(new, Unknown):
        return False
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return old == new or quantities.equal(at, old, new)


def without_ignored(changes: Iterable[Change], ignored: Iterable[Path]) -> list[Change]:
    """The changes outside every path of `ignored`."""
    ignored = tuple(ignored)
    return [change for change in changes if not any(paths.contains(path, change.path) for path in ignored)]


def mark_replacements(changes: Iterable[Change], forced: Iterable[Path]) -> list[Change]:
    """The same changes; those at, inside or around a path of `forced` are marked to replace the object."""
    forced = tuple(forced)
    return [
        Change(change.path, change.edit, replace=any(_touches(change.path, path) for path in forced))
        for change in changes
    ]


def _touches(path: Path, forced: Path) -> bool:
    return paths.contains(forced, path) or paths.contains(path, forced)


def may_be_noise(change: Change, new: Object) -> bool:
    """Whether the server's own normal form may explain the change: another spelling, or an empty member."""
    value = paths.get(new, change.path)
    if isinstance(value, Unknown):
        return False
    return change.edit is Edit.UPDATE or (change.edit is Edit.ADD and value in ({}, [], ""))


def explained(change: Change, live: Object, normalised: Object) -> bool:
    """Whether the server, given the new inputs, would keep the live value at the changed place."""
    return paths.get(live, change.path) == paths.get(normalised, change.path)
