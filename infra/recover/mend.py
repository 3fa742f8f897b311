"""Makes a stack's state and its cluster agree: what is there is recorded, what is recorded is there."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from infra import live, target
from infra.recover import adopt, backend, damage, leftovers, locks
from infra.recover.adopt import Found
from infra.recover.damage import Agree
from infra.recover.errors import RecoverError
from stack import contexts, drift, endings, files, pulumi, recorded, settings
from stack.drift import ENDING, MISSING, Deviation, Find
from stack.kube import KINDS, KubeObject
from stack.recorded import CREATING, Key, Pending, Recorded, is_object, key_of

ENDING_SECONDS = 180.0  # a pod's grace, and its namespace's end after that
QUIET_SECONDS = 20.0  # before it is said what is waited for


@dataclass(frozen=True)
class View:
    """A stack's state beside its cluster."""

    deployment: KubeObject
    objects: tuple[Recorded, ...]
    pending: tuple[Pending, ...]
    deviations: tuple[Deviation, ...]
    strays: tuple[KubeObject, ...]

    @property
    def settled(self) -> bool:
        """Nothing is under way, missing or unknown; a field that somebody changed is for the next `up`."""
        gone = any(each.what in (MISSING, ENDING) for each in self.deviations)
        return not (gone or self.pending or self.strays)


def unlock(stack: str, agree: Agree) -> None:
    """What keeps Pulumi from its state is gone. Raises RecoverError, PulumiError."""
    if folder := backend.find():
        damage.restore(folder, stack, agree)
        locks.release(folder, stack)
    if ended := leftovers.end():
        _say(f"{', '.join(ended)} of a killed Pulumi went on; ended")


def settle(stack: str, agree: Agree) -> None:
    """State and cluster agree, and what was done for it is said.

    Raises RecoverError, PulumiError and SettingsError.
    """
    exported = damage.exported(stack)
    find = live.finder(context(stack, exported))
    seen = view(stack, exported, find)
    if seen.settled:
        _say(f"{stack}: {len(seen.objects)} objects, all are in the cluster")
    else:
        _settle(stack, exported, find, agree)
    for each in seen.deviations:
        if each.what == drift.CHANGED:
            _say(f"{each}; the next pulumi up --refresh puts it back")


def context(stack: str, exported: KubeObject) -> str:
    """The cluster of the stack: where it was deployed, or else where its settings would have it."""
    deployed = recorded.context(recorded.part(exported, "deployment"))
    file = files.path(stack)
    wanted = settings.read(files.stack_settings(file)) if file.exists() else settings.Settings()
    return deployed or contexts.choose(wanted.kube_contexts, target.known_contexts())


def view(stack: str, exported: KubeObject, find: Find) -> View:
    """Look at everything that the state records, and at everything that carries the stack's label."""
    deployment = recorded.part(exported, "deployment")
    known = recorded.objects(deployment)
    return View(
        deployment,
        known,
        recorded.pending(deployment),
        drift.compare(known, find),
        tuple(drift.strays(stack, known, KINDS, find)),
    )


def _settle(stack: str, exported: KubeObject, find: Find, agree: Agree) -> None:
    for each in recorded.pending(recorded.part(exported, "deployment")):
        _say(f"{stack} was cut off while {each}")
    wait(lambda: ending(view(stack, exported, find), find))
    seen = view(stack, exported, find)
    found, planned = _finds(stack, seen, find, agree)
    for item in found:
        _say(f"{key_of(item.live)} is in the cluster and was not recorded; adopted")
    if found or seen.pending:
        mended = adopt.with_adopted(seen.deployment, found, planned)
        _import(stack, {**exported, "deployment": mended})
    gone = {each.key for each in seen.deviations if each.what == MISSING}
    for key in sorted(gone):
        _say(f"{key} is not in the cluster any more; forgotten")
    urns = {*(str(item.entry["urn"]) for item in found), *(each.urn for each in seen.pending)}
    _refresh(stack, urns, gone)
    _confirm(stack, view(stack, damage.exported(stack), find))


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
            f"{told}; make recover STACK={stack} YES=1 will adopt them; if another machine's Pulumi has them, "
            "work from there, or give this stack another name"
        )
    return [*found, *others], planned


def begun(seen: View, find: Find) -> list[Found]:
    """What the Pulumi that was cut off created, and did not come to record."""
    known = recorded.keys(seen.objects)
    creating = [each for each in seen.pending if each.action == CREATING and each.key not in known]
    looked = ((each, find(each.key.path)) for each in creating if each.key)
    return [Found(each.resource, cast("KubeObject", item)) for each, item in looked if item]


def declared(planned: Sequence[KubeObject], strays: Sequence[KubeObject]) -> list[Found]:
    """Those of the strays that the program would create."""
    items = {key_of(item): item for item in strays}
    entries = ((entry, key_of(recorded.part(entry, "inputs"))) for entry in planned if is_object(entry))
    return [Found(entry, items[key]) for entry, key in entries if key in items]


def ending(seen: View, find: Find) -> list[KubeObject]:
    """The objects of the stack that are being deleted."""
    keys = [each.key for each in seen.deviations if each.what == ENDING]
    keys += [each.key for each in seen.pending if each.key]
    items = [cast("KubeObject | None", find(key.path)) for key in keys]
    return [item for item in (*items, *seen.strays) if item and endings.is_ending(item)]


def wait(look: Callable[[], Sequence[KubeObject]], seconds: float = ENDING_SECONDS) -> None:
    """Until nothing is being deleted any more. Raises RecoverError with what keeps it."""
    began, told = time.monotonic(), set[str]()
    while items := look():
        spent = time.monotonic() - began
        for item in items:
            stuck = endings.obstacle(item)
            text = f"{key_of(item)} is being deleted; " + (stuck or endings.remains(item))
            if spent > seconds:
                raise RecoverError(f"{text}; it did not end within {seconds:.0f} s; run make recover again")
            if (stuck or spent > QUIET_SECONDS) and text not in told:
                _say(f"{text}; waiting")
                told.add(text)
        time.sleep(1)


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
    for key in map(key_of, seen.strays):
        place = f" -n {key.namespace}" if key.namespace else ""
        _say(
            f"{key} carries the label of {stack}, which does not declare it; if nobody needs it: "
            f"kubectl delete {key.kind.lower()} {key.name}{place}"
        )
    _say(f"{stack}: {len(seen.objects)} objects, all are in the cluster; {_next(stack)}")


def _next(stack: str) -> str:
    """What an `up` would do now: the proof that it can go on from here."""
    try:
        steps = _preview(stack)["steps"]
    except pulumi.PulumiError as error:
        return f"a pulumi up would fail now:\n{error}"
    counts = Counter(str(step["op"]) for step in steps if step["op"] not in ("same", "read", "refresh"))
    told = ", ".join(f"{number} to {action}" for action, number in sorted(counts.items()))
    return f"the next pulumi up has {told or 'nothing to change'}"


def _say(text: str) -> None:
    print(f"recover: {text}", flush=True)
