"""Makes a stack's state and its cluster agree: what is there is recorded, what is recorded is there."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from infra import live
from infra.recover import adopt, backend, damage, leftovers, locks
from infra.recover.adopt import Found
from infra.recover.damage import Agree
from infra.recover.errors import RecoverError
from infra.recover.view import View, begun, context, declared, ending, look, say, wait
from stack import drift, pulumi, recorded
from stack.drift import ENDING, MISSING, Find
from stack.kube import KubeObject
from stack.recorded import Key, key_of


def unlock(stack: str, agree: Agree) -> None:
    """What keeps Pulumi from its state is gone. Raises RecoverError, PulumiError."""
    damage.forget_selection()
    if folder := backend.find():
        damage.restore(folder, stack, agree)
        locks.release(folder, stack)
    if ended := leftovers.end():
        say(f"{', '.join(ended)} of a killed Pulumi went on; ended")


def settle(stack: str, agree: Agree) -> None:
    """State and cluster agree, and what was done for it is said.

    Raises RecoverError, PulumiError and SettingsError.
    """
    exported = damage.exported(stack)
    find = live.finder(context(stack, exported))
    seen = look(stack, exported, find)
    if seen.settled:
        say(f"{stack}: {len(seen.objects)} objects, all are in the cluster")
    else:
        _settle(stack, exported, find, agree)
    for each in seen.deviations:
        if each.what == drift.CHANGED:
            say(f"{each}; the next pulumi up --refresh puts it back")


def _settle(stack: str, exported: KubeObject, find: Find, agree: Agree) -> None:
    for each in recorded.pending(recorded.part(exported, "deployment")):
        say(f"{stack} was cut off while {each}")
    wait(lambda: ending(look(stack, exported, find), find))
    seen = look(stack, exported, find)
    found, planned = _finds(stack, seen, find, agree)
    for item in found:
        say(f"{key_of(item.live)} is in the cluster and was not recorded; adopted")
    if found or seen.pending:
        mended = adopt.with_adopted(seen.deployment, found, planned)
        _import(stack, {**exported, "deployment": mended})
    gone = {each.key for each in seen.deviations if each.what == MISSING}
    for key in sorted(gone):
        say(f"{key} is not in the cluster any more; forgotten")
    urns = {*(str(item.entry["urn"]) for item in found), *(each.urn for each in seen.pending)}
    _refresh(stack, urns, gone)
    _confirm(stack, look(stack, damage.exported(stack), find))


def _refresh(stack: str, urns: Collection[str], keys: Collection[Key]) -> None:
    """Read some objects anew; what else was changed in the cluster stays to be seen."""
    held = recorded.resources(recorded.part(damage.exported(stack), "deployment"))
    known = [str(entry["urn"]) for entry in held]
    gone = {each.urn for each in recorded.objects({"resources": held}) if each.key in keys}
    targets = [f"--target={urn}" for urn in dict.fromkeys(known) if urn in gone or urn in urns]
    if targets:
        pulumi.do("refresh", stack, "--yes", "--skip-preview", *targets)


def _finds(stack: str, seen: View, find: Find, agree: Agree) -> tuple[list[Found], list[KubeObject]]:
    """What is in the cluster and was not recorded, and the plan that it is taken from.

    Raises RecoverError where objects that Pulumi did not just create are not to be adopted.
    """
    found = begun(seen, find)
    met = {key_of(each.live) for each in found}
    left = [item for item in seen.strays if key_of(item) not in met]
    planned = adopt.plan(_preview(stack)["steps"]) if left else []
    others = declared(planned, left)
    told = f"{len(others)} objects of {stack} are in the cluster, and this Pulumi's state does not know them"
    if others and not agree(f"{told}. Adopt them, unless another machine's Pulumi has them?"):
        raise RecoverError(
            f"{told}; make recover STACK={stack} YES=1 adopts them; if another machine's Pulumi has them, "
            "work from there, or give this stack another name"
        )
    return [*found, *others], planned


def _import(stack: str, exported: KubeObject) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "state.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(exported))
        pulumi.do("stack import", stack, f"--file={file}")


def _preview(stack: str) -> dict[str, list[KubeObject]]:
    return cast("dict[str, list[KubeObject]]", json.loads(pulumi.do("preview", stack, "--json")))


def _confirm(stack: str, seen: View) -> None:
    """Whether the stack is mended, and what is next. Raises RecoverError if state and cluster differ."""
    wrong = [str(each) for each in seen.deviations if each.what in (MISSING, ENDING)]
    wrong += [f"{each} is still pending" for each in seen.pending]
    if wrong:
        raise RecoverError(f"{stack} is not mended: {'; '.join(wrong)}; run make recover STACK={stack} again")
    tell_strays(stack, seen.strays)
    say(f"{stack}: {len(seen.objects)} objects, all are in the cluster; {_next(stack)}")


def tell_strays(stack: str, strays: Sequence[KubeObject]) -> None:
    """Name objects with the stack's label that it does not declare: they may be somebody's."""
    for key in map(key_of, strays):
        place = f" -n {key.namespace}" if key.namespace else ""
        say(
            f"{key} carries the label of {stack}, which does not declare it; if nobody needs it: "
            f"kubectl delete {key.kind.lower()} {key.name}{place}"
        )


def _next(stack: str) -> str:
    """What an `up` would do now: the proof that it can go on from here."""
    try:
        steps = _preview(stack)["steps"]
    except pulumi.PulumiError as error:
        return f"a pulumi up would fail now:\n{error}"
    counts = Counter(str(step["op"]) for step in steps if step["op"] not in ("same", "read", "refresh"))
    told = ", ".join(f"{number} to {action}" for action, number in sorted(counts.items()))
    return f"the next pulumi up has {told or 'nothing to change'}"
