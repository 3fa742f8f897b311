"""A stack's state beside its cluster: what is missing, going, or there and not recorded."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from infra import target
from infra.recover.adopt import Found
from infra.recover.errors import RecoverError
from stack import contexts, drift, endings, files, recorded, settings
from stack.drift import ENDING, MISSING, Deviation, Find
from stack.kube import KINDS, KubeObject
from stack.recorded import CREATING, Pending, Recorded, is_object, key_of
from stack.schema import SettingsError
from stack.settings import Settings

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


def context(stack: str, exported: KubeObject) -> str:
    """The cluster of the stack: where it was deployed, or else where its settings would have it."""
    deployed = recorded.context(recorded.part(exported, "deployment"))
    return deployed or contexts.choose(_wanted(stack).kube_contexts, target.known_contexts())


def _wanted(stack: str) -> Settings:
    """The settings of a stack's file; the defaults where it has none, or wrong ones: an `up` tells them."""
    file = files.path(stack)
    try:
        return settings.read(files.stack_settings(file)) if file.exists() else Settings()
    except SettingsError:
        return Settings()


def look(stack: str, exported: KubeObject, find: Find) -> View:
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
    found = [cast("KubeObject | None", find(key.path)) for key in keys]
    items = {key_of(item): item for item in (*found, *seen.strays) if item and endings.is_ending(item)}
    return list(items.values())


def wait(ending: Callable[[], Sequence[KubeObject]], seconds: float = ENDING_SECONDS) -> None:
    """Until nothing is being deleted any more. Raises RecoverError with what keeps it."""
    began, told = time.monotonic(), set[str]()
    while items := ending():
        spent = time.monotonic() - began
        for item in items:
            stuck = endings.obstacle(item)
            text = f"{key_of(item)} is being deleted; " + (stuck or endings.remains(item))
            if spent > seconds:
                raise RecoverError(f"{text}; it did not end within {seconds:.0f} s; run make recover again")
            if (stuck or spent > QUIET_SECONDS) and text not in told:
                say(f"{text}; waiting")
                told.add(text)
        time.sleep(1)


def say(text: str) -> None:
    """One line for the user, at once: some steps take long."""
    print(f"recover: {text}", flush=True)
