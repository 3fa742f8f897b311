"""In what a cluster differs from what Pulumi's state says of a stack, and who changed it.

Only what the stack declares is compared: what others add beside it is theirs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

from kubernetes.utils.quantity import parse_quantity

from stack.kube import INSTANCE, KubeObject
from stack.recorded import SECRET, Key, Recorded, group, key_of, keys, part, plural

MISSING, ENDING, CHANGED, UNKNOWN = "missing", "being deleted", "changed", "not in Pulumi's state"
OURS = "pulumi-kubernetes"  # how the names of Pulumi's own field managers begin
REPLICAS = ("spec", "replicas")
AT_ONCE = 8

Path = tuple[str | int, ...]
Find = Callable[[str], object | None]  # the object or list at a path of the API; None where there is none


@dataclass(frozen=True)
class Difference:
    """A field that is not as it was declared. `by` are those who changed it, as far as the cluster knows."""

    path: str
    declared: object
    found: object
    by: tuple[str, ...]

    def __str__(self) -> str:
        who = f" (by {', '.join(self.by)})" if self.by else ""
        return f"{self.path}: {_shown(self.found)} instead of {_shown(self.declared)}{who}"


@dataclass(frozen=True)
class Deviation:
    """One object that is not as the state says."""

    key: Key
    what: str
    differences: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        told = "; ".join(map(str, self.differences))
        return f"{self.key} is {self.what}{f': {told}' if told else ''}"


def compare(recorded: Sequence[Recorded], find: Find) -> tuple[Deviation, ...]:
    """Look every recorded object up. Raises what `find` raises."""
    scaled = autoscaled(recorded)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda each: find(each.key.path), recorded))
    pairs = zip(recorded, cast("list[KubeObject | None]", found), strict=True)
    return tuple(told for each, live in pairs if (told := deviation(each, live, scaled)))


def taken(declared: Sequence[KubeObject], find: Find) -> tuple[Deviation, ...]:
    """Declared fields that somebody else has set to something else. Raises what `find` raises."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda item: find(key_of(item).path), declared))
    pairs = zip(declared, cast("list[KubeObject | None]", found), strict=True)
    told = ((item, _taken(item, live)) for item, live in pairs if live)
    return tuple(Deviation(key_of(item), CHANGED, fields) for item, fields in told if fields)


def _taken(item: KubeObject, live: KubeObject) -> tuple[Difference, ...]:
    other = ((path, want, at(live, path)) for path, want in leaves(item))
    differing = ((path, want, have) for path, want, have in other if not equal(want, have))
    found = (
        Difference(written(path, live), want, have, managers(live, path)) for path, want, have in differing
    )
    return tuple(each for each in found if each.by)


def deviation(recorded: Recorded, live: KubeObject | None, scaled: Iterable[Key] = ()) -> Deviation | None:
    """How one object deviates; `scaled` are those whose replicas belong to an autoscaler."""
    if live is None:
        return Deviation(recorded.key, MISSING)
    if part(live, "metadata").get("deletionTimestamp"):
        return Deviation(recorded.key, ENDING)
    skipped = (REPLICAS,) if recorded.key in scaled else ()
    changed = tuple(each for each in differences(recorded, live) if each[0] not in skipped)
    found = tuple(Difference(written(p, live), want, have, managers(live, p)) for p, want, have in changed)
    return Deviation(recorded.key, CHANGED, found) if found else None


def autoscaled(recorded: Iterable[Recorded]) -> frozenset[Key]:
    """The Deployments that recorded autoscalers scale."""
    scalers = (each for each in recorded if each.key.kind in ("HorizontalPodAutoscaler", "ScaledObject"))
    targets = ((each.key.namespace, part(each.inputs, "spec", "scaleTargetRef")) for each in scalers)
    return frozenset(Key(str(t["apiVersion"]), str(t["kind"]), where, str(t["name"])) for where, t in targets)


def differences(recorded: Recorded, live: KubeObject) -> Iterator[tuple[Path, object, object]]:
    """Where the declared fields are other than when Pulumi last looked: the path, what was, what is."""
    for path, declared in leaves(recorded.inputs):
        if path[:2] == ("metadata", "annotations") and str(path[-1]).startswith("pulumi.com/"):
            continue
        before, now = at(recorded.outputs, path), at(live, path)
        wanted = declared if before is None else before
        if not _is_secret(wanted) and not equal(wanted, now):
            yield path, wanted, now


def leaves(declared: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value of a declaration, lists of plain values as one; items with a name by it."""
    if isinstance(declared, Mapping) and not _is_secret(declared):
        for name, value in declared.items():
            yield from leaves(value, (*path, str(name)))
    elif isinstance(declared, list) and any(isinstance(each, Mapping) for each in declared):
        for number, value in enumerate(declared):
            yield from leaves(value, (*path, _item(value, number)))
    else:
        yield path, declared


def at(data: object, path: Path) -> object:
    """The value at a path; None where there is none."""
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list):
            data = next((each for number, each in enumerate(data) if _item(each, number) == step), None)
        else:
            return None
    return data


def equal(one: object, other: object) -> bool:
    """Whether two values mean the same: Kubernetes writes `1000m` as `1`, and leaves empty things out."""
    if one == other or (not one and not other and not isinstance(one, int)):
        return True
    try:
        return bool(parse_quantity(one) == parse_quantity(other))
    except (ValueError, TypeError):
        return False


def managers(live: KubeObject, path: Path) -> tuple[str, ...]:
    """Who else than Pulumi has set a field."""
    entries = cast("list[KubeObject]", part(live, "metadata").get("managedFields") or [])
    owners = (str(each["manager"]) for each in entries if owns(each.get("fieldsV1"), live, path))
    return tuple(sorted({each for each in owners if not each.startswith(OURS)}))


def owns(fields: object, data: object, path: Path) -> bool:
    """Whether a set of fields, as Kubernetes keeps it for each manager, holds a path of an object."""
    for step in path:
        if not isinstance(fields, Mapping):
            return False
        if not fields:  # a list or object that is owned as a whole
            return True
        fields, data = _below(fields, data, step), at(data, (step,))
    return fields is not None


def _below(fields: Mapping[str, object], item: object, step: str | int) -> object:
    if isinstance(item, Mapping):
        return fields.get(f"f:{step}")
    chosen = at(item, (step,))
    for name, below in fields.items():
        if name.startswith("k:") and isinstance(chosen, Mapping):
            wanted = json.loads(name[2:])
            if all(chosen.get(key, value) == value for key, value in wanted.items()):
                return below
    return None


def strays(
    stack: str, known: Iterable[Recorded], kinds: Sequence[tuple[str, str]], find: Find
) -> list[KubeObject]:
    """Objects with a stack's label that its state does not know; not those that another one owns.

    Raises what `find` raises.
    """
    paths = [f"{group(version)}/{plural(kind)}?labelSelector={INSTANCE}%3D{stack}" for version, kind in kinds]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lists = list(pool.map(find, paths))
    found = (
        {**item, "apiVersion": version, "kind": kind}
        for (version, kind), listed in zip(kinds, lists, strict=True)
        for item in cast("list[KubeObject]", part(cast("KubeObject", listed or {})).get("items") or [])
    )
    recorded = keys(known)
    return [item for item in found if key_of(item) not in recorded and not _is_owned(item)]


def _is_owned(item: KubeObject) -> bool:
    """It goes with its owner, as KEDA's autoscaler does with the ScaledObject."""
    return bool(part(item, "metadata").get("ownerReferences"))


def written(path: Path, live: KubeObject) -> str:
    """A path for people: `spec.template.spec.containers[torchserve].image`."""
    text = ""
    for number, step in enumerate(path):
        inside = isinstance(at(live, path[:number]), list)
        text += f"[{step}]" if inside or isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _item(value: object, number: int) -> str | int:
    """How an item of a list is found again: by its name where it has one."""
    name = value.get("name") if isinstance(value, Mapping) else None
    return name if isinstance(name, str) else number


def _is_secret(value: object) -> bool:
    return isinstance(value, Mapping) and SECRET in value


def _shown(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
