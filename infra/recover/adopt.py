"""What becomes of a stack's state when it is compared with the cluster: pure decisions over exported JSON."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from stack.drift import OURS
from stack.kube import KubeObject
from stack.recorded import SECRET, key_of, part, resources

UNKNOWN_ID = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how Pulumi writes what a preview cannot know
SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270"
PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True)
class Found:
    """An object of the cluster that the state lacks, and `entry`, what the state should say of it."""

    entry: KubeObject
    live: KubeObject


def with_adopted(
    deployment: Mapping[str, object], found: Sequence[Found], planned: Sequence[KubeObject] = ()
) -> KubeObject:
    """The deployment with what was found, and without operations that are under way no more.

    `planned`: the entries of a whole plan in its order, of which parents and providers are taken as needed.
    """
    entries, ids = list(resources(deployment)), dict[str, str]()
    known = {str(each["urn"]): each for each in entries if not each.get("delete")}
    lives = {str(each.entry["urn"]): each.live for each in found}
    ordered = [*planned, *(each.entry for each in found if each.entry not in planned)]
    needed = _needed(ordered, set(lives))
    for entry in ordered:
        urn = str(entry["urn"])
        if urn in known or urn not in needed | set(lives):
            continue
        made = _object(entry, lives[urn]) if urn in lives else _frame(entry, ids)
        known[urn] = _linked(made, known, ids)
        entries.append(known[urn])
    return {**deployment, "resources": entries, "pending_operations": []}


def _needed(ordered: Iterable[KubeObject], wanted: set[str]) -> set[str]:
    """The URNs of all parents and providers of some entries."""
    known = {str(each["urn"]): each for each in ordered}
    needed, left = set[str](), list(wanted)
    while left:
        entry = known.get(left.pop(), {})
        above = {str(entry.get("parent", "")), str(entry.get("provider", "")).rpartition("::")[0]}
        left += sorted(above - needed - {""})
        needed |= above
    return needed


def _frame(entry: KubeObject, ids: dict[str, str]) -> KubeObject:
    """A component, or a provider, which gets an identity as Pulumi would give it one."""
    if not str(entry["type"]).startswith(PROVIDERS):
        return entry
    ids[str(entry["urn"])] = str(uuid.uuid4())
    return {**entry, "id": ids[str(entry["urn"])], "outputs": entry.get("inputs", {})}


def _object(entry: KubeObject, live: KubeObject) -> KubeObject:
    """An entry whose object is there; the refresh that follows reads the rest."""
    inputs = part(entry, "inputs")
    if live["kind"] == "Secret" and not _is_encrypted(inputs.get("data")):
        inputs = {**inputs, "data": encrypted(cast("dict[str, str]", live.get("data") or {}))}
    notes: KubeObject = {
        "__inputs": inputs,
        "__initialApiVersion": live["apiVersion"],
        **({"__fieldManager": manager} if (manager := field_manager(live)) else {}),
    }
    shown = {name: value for name, value in live.items() if name not in ("data", "stringData")}
    return {**entry, "inputs": inputs, "id": key_of(live).id, "outputs": {**shown, **notes}}


def _linked(entry: KubeObject, known: Mapping[str, object], ids: Mapping[str, str]) -> KubeObject:
    """The entry without dependencies on what the state does not have, and with its provider's identity."""
    dependencies = [urn for urn in cast("list[str]", entry.get("dependencies") or []) if urn in known]
    by_property = {
        name: [urn for urn in urns if urn in known]
        for name, urns in cast("dict[str, list[str]]", entry.get("propertyDependencies") or {}).items()
    }
    linked = {**entry, "dependencies": dependencies, "propertyDependencies": by_property}
    provider, _, identity = str(entry.get("provider", "")).rpartition("::")
    if identity == UNKNOWN_ID:
        linked["provider"] = (
            f"{provider}::{ids.get(provider) or part(cast('KubeObject', known), provider)['id']}"
        )
    return linked


def encrypted(data: Mapping[str, str]) -> KubeObject:
    """Values that Pulumi encrypts when it imports the state."""
    return {SECRET: SECRET_VALUE, "plaintext": json.dumps(dict(data))}


def field_manager(live: KubeObject) -> str:
    """Under which name Pulumi created an object: it must go on under it, or the fields have two owners."""
    entries = cast("list[KubeObject]", part(live, "metadata").get("managedFields") or [])
    names = [str(each["manager"]) for each in entries if each.get("operation") == "Apply"]
    return next((name for name in names if name.startswith(OURS)), "")


def _is_encrypted(value: object) -> bool:
    return isinstance(value, Mapping) and SECRET in value


def plan(steps: Sequence[KubeObject]) -> list[KubeObject]:
    """The entries that a preview would create, in its order."""
    return [part(step, "newState") for step in steps if step.get("op") == "create"]
