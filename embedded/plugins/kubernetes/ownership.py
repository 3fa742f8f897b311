"""Field ownership (server-side apply): whose fields an object's `managedFields` say they are.

An object that was created by POST is owned by an *Update* manager. Unless its fields move to the manager
that applies, a key removed from the inputs would stay on the server for ever.
"""

import json

from embedded.plugins import paths
from embedded.plugins.paths import Path
from embedded.plugins.values import Object, Value, as_list, as_object, as_text, dig

CREATOR = "pulumi-kubernetes"
_CLIENT_SIDE = frozenset(("kubectl", "before-first-apply"))


def entries_of(live: Object) -> list[Object]:
    """The entries of `metadata.managedFields`."""
    return [as_object(entry) for entry in as_list(dig(live, "metadata", "managedFields"))]


def to_absorb(live: Object, manager: str, *, other_stacks: bool = False) -> list[Object]:
    """The entries that `manager` should take over: those of client-side tools and of our own creation.

    `other_stacks` adds the apply managers that earlier runs of Pulumi left on the object.
    """
    version = live.get("apiVersion")
    return [
        entry
        for entry in entries_of(live)
        if entry.get("apiVersion") == version
        and "subresource" not in entry
        and _is_ours(entry, manager, other_stacks=other_stacks)
    ]


def _is_ours(entry: Object, manager: str, *, other_stacks: bool) -> bool:
    name, operation = as_text(entry.get("manager")), entry.get("operation")
    if operation == "Update":
        return name in _CLIENT_SIDE or name.startswith(CREATOR)
    return other_stacks and name.startswith(CREATOR) and name != manager


def absorbed(live: Object, manager: str, *, other_stacks: bool = False) -> list[Value] | None:
    """A JSON patch that moves the entries of `to_absorb` to `manager`, or None where there are none.

    It names the object's resourceVersion, so that it fails on an object that changed meanwhile.
    """
    taken = to_absorb(live, manager, other_stacks=other_stacks)
    if not taken:
        return None
    kept = [entry for entry in entries_of(live) if entry not in taken]
    own = [entry for entry in kept if _applies_as(entry, manager)]
    fields: Object = {}
    for entry in (*own, *taken):
        fields = _union(fields, as_object(entry.get("fieldsV1")))
    merged: Object = {
        **(own[0] if own else taken[0]),
        "manager": manager,
        "operation": "Apply",
        "fieldsV1": fields,
    }
    rest: list[Value] = [entry for entry in kept if entry not in own]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [*rest, merged]},
        {
            "op": "replace",
            "path": "/metadata/resourceVersion",
            "value": dig(live, "metadata", "resourceVersion"),
        },
    ]


def _applies_as(entry: Object, manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply"


def _union(one: Object, other: Object) -> Object:
    merged = dict(one)
    for key, value in other.items():
        merged[key] = _union(as_object(merged.get(key)), as_object(value))
    return merged


def owned_by_others(live: Object, path: Path, manager: str) -> bool:
    """Whether a manager that is neither `manager` nor to be absorbed owns the field at `path`."""
    ours = to_absorb(live, manager)
    return any(
        _owns(as_object(entry.get("fieldsV1")), live, path)
        for entry in entries_of(live)
        if not _applies_as(entry, manager) and entry not in ours and "subresource" not in entry
    )


def _owns(fields: Object, value: Value, path: Path) -> bool:
    if not path:
        return True
    if not fields:
        return True  # an atomic parent is owned as a whole
    child = paths.get(value, path[:1])
    key = _field_key(fields, path[0], child)
    return key is not None and _owns(as_object(fields[key]), child, path[1:])


def _field_key(fields: Object, step: str | int, child: Value) -> str | None:
    """The key of `fields` for one step: `f:name`, or for a list's member `k:{"name":"x"}` or `v:"x"`."""
    if isinstance(step, str):
        return f"f:{step}" if f"f:{step}" in fields else None
    for key in fields:
        kind, _, text = key.partition(":")
        if kind == "k" and all(as_object(child).get(k) == v for k, v in json.loads(text).items()):
            return key
        if kind == "v" and json.loads(text) == child:
            return key
    return None


def without_ignored(inputs: Object, live: Object, ignored: tuple[Path, ...], manager: str) -> Object:
    """The inputs to apply: an ignored field is left to its other owner, or keeps its live value."""
    result: Value = inputs
    for pattern in ignored:
        for path in paths.expand(inputs, pattern):
            others = owned_by_others(live, path, manager)
            current = paths.get(live, path)
            if others and isinstance(path[-1], str):
                result = paths.replaced(result, path, None)
            elif current is not None:
                result = paths.replaced(result, path, current)
    return as_object(result)
