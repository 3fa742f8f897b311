"""Create, apply, delete and wait: one object's way through the API server."""

import contextlib
from dataclasses import dataclass

from embedded.plugins import paths
from embedded.plugins.engine import Log
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes import ownership
from embedded.plugins.kubernetes.client import ApiError, Client, Reply, UnreachableError
from embedded.plugins.kubernetes.kinds import Kind, annotation, name_of, namespace_of
from embedded.plugins.kubernetes.readiness import Rollout
from embedded.plugins.kubernetes.waiting import Clock, NotReadyError, Patience, until_ready
from embedded.plugins.kubernetes.watches import NOT_FOUND, Watch, warnings_about
from embedded.plugins.values import Object, as_list, as_text, dig

CONFLICT = 409
CREATE_TRIES = 6
ABSORB_TRIES = 5
DEFAULT_TIMEOUT_SECONDS = 600.0
SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
PATCH_FORCE = "pulumi.com/patchForce"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
ADOPTION_ADVICE = (
    "the object exists already; import it (pulumi import), delete it, or set `upsertExistingObjects` on the "
    "provider to take it over"
)


@dataclass(frozen=True)
class Operations:
    """Operations on one resource; `urn` is where messages about it go."""

    client: Client
    kind: Kind
    urn: str
    log: Log
    clock: Clock
    patch_force: bool = False

    def create(self, manifest: Object, manager: str, *, upsert: bool) -> Object:
        """Create the object; one that exists already is an error unless `upsert`, which applies to it."""
        for attempt in range(1, CREATE_TRIES + 1):
            try:
                if upsert:
                    return self.apply(manifest, manager, (), adopt=True)
                return self._told(self.client.create(self.kind, manifest, ownership.CREATOR))
            except ApiError as problem:
                if problem.reason == "AlreadyExists":
                    raise PluginError(f"{problem}: {ADOPTION_ADVICE}") from problem
                if problem.status != NOT_FOUND or attempt == CREATE_TRIES:
                    raise
                self.log.status(f"Retry #{attempt}; creation failed: {problem}", self.urn, warning=True)
            if self.clock.pause(2 ** (attempt - 1)):
                raise PluginError(f"Resource operation was cancelled for '{name_of(manifest)}'")
        raise AssertionError("the last try returns or raises")

    def preview_create(self, manifest: Object, *, upsert: bool, manager: str) -> Object | None:
        """What the server would make of the object; None where it cannot tell before the update."""
        try:
            if upsert:
                return self.client.apply(self.kind, manifest, manager, force=True, dry_run=True).object
            return self.client.create(self.kind, manifest, ownership.CREATOR, dry_run=True).object
        except UnreachableError:
            return None
        except ApiError as problem:
            unsupported = "does not support dry run" in str(problem)
            if problem.reason in ("Forbidden", "AlreadyExists", "NotFound") or unsupported:
                return None
            raise

    def apply(
        self, manifest: Object, manager: str, ignored: tuple[paths.Path, ...], *, adopt: bool = False
    ) -> Object:
        """Server-side apply after taking over the fields that earlier tools of ours own."""
        live = self._absorb(name_of(manifest), namespace_of(manifest), manager, adopt=adopt)
        body = ownership.without_ignored(manifest, live, ignored, manager)
        force = self._forced(manifest) or not ownership.entries_of(live)
        try:
            return self._told(self.client.apply(self.kind, body, manager, force=force))
        except ApiError as problem:
            if problem.status == CONFLICT and adopt and not live:
                raise
            raise self._explained(problem) from problem

    def preview_apply(self, manifest: Object, manager: str, ignored: tuple[paths.Path, ...]) -> Object | None:
        """What the server would make of an update; None where only the update itself can tell.

        A dry run cannot take over fields first, as `apply` does: what our creation owns and the new inputs
        leave out (a renumbered port) stays in its result, which may then be invalid.
        """
        live = self.client.get(self.kind, namespace_of(manifest), name_of(manifest))
        body = ownership.without_ignored(manifest, live, ignored, manager)
        pending = bool(ownership.to_absorb(live, manager))
        force = self._forced(manifest) or pending or not ownership.entries_of(live)
        try:
            return self.client.apply(self.kind, body, manager, force=force, dry_run=True).object
        except ApiError as problem:
            if problem.reason == "Forbidden" or (pending and problem.reason == "Invalid"):
                return None
            raise self._explained(problem) from problem

    def delete(self, manifest: Object, namespace: str, name: str, timeout: float) -> None:
        """Delete the object and wait until it is gone; one that is gone already is no error."""
        policy = annotation(manifest, PROPAGATION) or "Foreground"
        try:
            uid = dig(self.client.get(self.kind, namespace, name), "metadata", "uid")
            self.client.delete(self.kind, namespace, name, policy)
        except ApiError as problem:
            if problem.status == NOT_FOUND:
                return
            raise
        skips = self.kind.name in ("Deployment", "Namespace") and _is_true(manifest, SKIP_AWAIT)
        if not skips:
            self._until_gone(namespace, name, as_text(uid), seconds_to_wait(manifest, timeout))

    def wait(self, live: Object, inputs: Object, timeout: float, rollout: Rollout) -> Object:
        """Wait until the object is ready, and return it as it then is.

        Raises NotReadyError on time-out or cancellation.
        """
        watch = Watch(self.client, self.kind, live, rollout)
        look = None if _is_true(inputs, SKIP_AWAIT) else watch.look(self.clock)
        if look is None:
            return live
        seconds = seconds_to_wait(inputs, timeout)
        patience = Patience(name_of(live), self.urn, seconds, self.clock, self.log)
        until_ready(look, patience, lambda: self._warnings(live))
        self.log.status("", self.urn)
        return self.client.get(self.kind, namespace_of(live), name_of(live))

    def check_now(self, live: Object, inputs: Object) -> None:
        """Raise NotReadyError where the object is not ready at this moment."""
        if _is_true(inputs, SKIP_AWAIT):
            return
        verdict = Watch(self.client, self.kind, live).now(self.clock)
        if not verdict.ready:
            raise NotReadyError(f"'{name_of(live)}' is not Ready: {verdict.status}", verdict.problems)

    def normalised(self, manifest: Object, manager: str) -> Object | None:
        """The server's own form of the inputs (a forced dry run), or None where it has none to give."""
        try:
            return self.client.apply(self.kind, manifest, manager, force=True, dry_run=True).object
        except (ApiError, UnreachableError):
            return None

    def _absorb(self, name: str, namespace: str, manager: str, *, adopt: bool) -> Object:
        """The live object, its fields moved to `manager`; empty where `adopt` finds no object."""
        for attempt in range(1, ABSORB_TRIES + 1):
            try:
                live = self.client.get(self.kind, namespace, name)
                patch = ownership.absorbed(live, manager, other_stacks=adopt)
                return live if patch is None else self.client.json_patch(self.kind, namespace, name, patch)
            except ApiError as problem:
                if adopt and problem.status == NOT_FOUND:
                    return {}
                if problem.status != CONFLICT or attempt == ABSORB_TRIES:
                    raise
        raise AssertionError("the last try returns or raises")

    def _until_gone(self, namespace: str, name: str, uid: str, seconds: float) -> None:
        end, pause, last = self.clock.now() + seconds, 0.05, dict[str, object]()
        while True:
            with contextlib.suppress(UnreachableError):
                try:
                    current = self.client.get(self.kind, namespace, name)
                except ApiError as problem:
                    if problem.status == NOT_FOUND:
                        return
                    raise
                if as_text(dig(current, "metadata", "uid")) != uid:
                    return
                last = {"finalizers": as_list(dig(current, "metadata", "finalizers"))}
            if self.clock.now() >= end:
                self.log.warning(
                    f"finalizers might be preventing deletion: {last.get('finalizers')}", self.urn
                )
                raise PluginError(f"'{name}' timed out waiting to be deleted")
            if self.clock.pause(pause):
                raise PluginError(f"Resource operation was cancelled for '{name}'")
            pause = min(pause * 1.5, 1.0)

    def _forced(self, manifest: Object) -> bool:
        return self.patch_force or _is_true(manifest, PATCH_FORCE)

    def _explained(self, problem: ApiError) -> PluginError:
        if problem.status != CONFLICT or problem.reason == "AlreadyExists":
            return problem
        return PluginError(
            f"server-side apply field conflict detected: {problem}; others set these fields: undo it, "
            f"leave them to it (ignore_changes), or take them over (annotation {PATCH_FORCE}: 'true')"
        )

    def _told(self, reply: Reply) -> Object:
        for warning in reply.warnings:
            self.log.warning(warning, self.urn)
        return reply.object

    def _warnings(self, live: Object) -> list[str]:
        try:
            return warnings_about(self.client, live)
        except (ApiError, UnreachableError):
            return []  # events only explain: being unable to read them must not fail the operation


def seconds_to_wait(manifest: Object, timeout: float) -> float:
    """customTimeouts first, then the annotation, then ten minutes."""
    stated = annotation(manifest, TIMEOUT)
    return timeout or (float(stated) if stated.isdigit() else DEFAULT_TIMEOUT_SECONDS)


def _is_true(manifest: Object, name: str) -> bool:
    return annotation(manifest, name).lower() == "true"
