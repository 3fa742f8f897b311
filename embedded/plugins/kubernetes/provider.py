"""The provider itself: the engine's calls in terms of states, differences and operations."""

import contextlib
import threading

from embedded.plugins import calls, paths
from embedded.plugins.engine import Log
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes import checking, diff, kubeconfig, settings, state
from embedded.plugins.kubernetes.client import ApiError, Client
from embedded.plugins.kubernetes.kinds import (
    BY_TOKEN,
    Kind,
    identifier_of,
    name_of,
    namespace_of,
    reason_to_refuse,
    replacement_paths,
)
from embedded.plugins.kubernetes.normalise import annotated, normalised
from embedded.plugins.kubernetes.operations import Operations
from embedded.plugins.kubernetes.readiness import REVISION, Rollout, template_of
from embedded.plugins.kubernetes.waiting import CancellableClock, NotReadyError
from embedded.plugins.kubernetes.watches import NOT_FOUND
from embedded.plugins.servicer import refusal
from embedded.plugins.values import Object, as_text, dig, has_unknown, reveal_object

DEFAULT_NAMESPACE = "default"
UNREACHABLE_ADVICE = (
    "If the cluster was deleted, you can remove its resources from the state by running again with the "
    'environment variable PULUMI_K8S_DELETE_UNREACHABLE set to "true"'
)


class Kubernetes:
    """Serves the kinds of `kinds.py` on one cluster."""

    name = "kubernetes"
    serves = ", ".join(sorted(kind.name for kind in BY_TOKEN.values()))
    accepts_secrets = True

    def __init__(self, log: Log, cancelled: threading.Event) -> None:
        """Unconfigured; `cancelled` ends every wait."""
        self._log = log
        self._clock = CancellableClock(cancelled)
        self._settings = settings.Settings()
        self._namespace = DEFAULT_NAMESPACE
        self._client: Client | None = None
        self._unreachable = "the provider is not configured"

    def check_config(self, news: Object) -> calls.Checked:
        return settings.check(news)

    def diff_config(self, olds: Object, news: Object) -> calls.Difference:
        return settings.difference(olds, news)

    def configure(self, config: Object) -> None:
        """Find the cluster; one that does not answer fails each operation later, but not a preview."""
        self._settings = chosen = settings.from_config(config)
        self._client, self._unreachable = None, ""
        try:
            target = kubeconfig.load(chosen.kubeconfig, chosen.context, chosen.cluster)
            self._namespace = chosen.namespace or target.namespace or DEFAULT_NAMESPACE
            client = Client(target)
            client.version()
            self._client = client
        except (PluginError, OSError, ValueError) as problem:
            self._unreachable = str(problem)

    def check(self, call: calls.CheckCall) -> calls.Checked:
        return checking.check(call, _kind(call.type), self._namespace)

    def diff(self, call: calls.DiffCall) -> calls.Difference:
        kind = _kind(call.type)
        old, new = state.read(call.olds), normalised(reveal_object(call.news))
        before = diff.prune_object(old.live, normalised(old.inputs))
        before, after = _with_identity(kind, before, old.live), _with_identity(kind, new, new)
        changes = diff.without_ignored(diff.compare(before, after), map(paths.parse, call.ignore_changes))
        changes = self._without_noise(kind, call.urn, changes, old, new)
        changes = diff.mark_replacements(
            changes, replacement_paths(kind, old.live, self._settings.mutability)
        )
        same_place = identifier_of(before) == identifier_of(after) != ""
        replaces = any(change.replace for change in changes)
        return calls.Difference(
            tuple(changes), delete_before_replace=replaces and same_place and not checking.is_autonamed(new)
        )

    def _without_noise(
        self, kind: Kind, urn: str, changes: list[calls.Change], old: state.State, new: Object
    ) -> list[calls.Change]:
        """The changes that remain once the server has put the new inputs into its own normal form."""
        doubtful = [change for change in changes if diff.may_be_noise(change, new)]
        if not doubtful or has_unknown(new) or self._client is None:
            return changes
        form = self._operations(kind, urn).normalised(new, old.field_manager)
        if form is None:
            return changes
        return [
            change
            for change in changes
            if change not in doubtful or not diff.explained(change, old.live, form)
        ]

    def create(self, call: calls.CreateCall) -> calls.Created:
        kind, inputs = _kind(call.type), reveal_object(call.inputs)
        manager = state.field_manager(inputs)
        if call.preview:
            return calls.Created("", self._preview_create(kind, call, inputs, manager))
        operations = self._reachable(kind, call.urn)
        try:
            live = operations.create(inputs, manager, upsert=self._settings.upsert)
        except PluginError as problem:
            raise PluginError(
                f'resource "{call.urn}" was not successfully created by the Kubernetes API server: {problem}'
            ) from problem
        try:
            live = operations.wait(live, inputs, call.timeout, Rollout())
        except (NotReadyError, ApiError) as problem:
            opening = (
                f'resource "{call.urn}" was successfully created, but the Kubernetes API server reported'
            )
            message = f"{opening} that it failed to fully initialize or become live: {problem}"
            raise self._half_done(
                operations, live, inputs, call.inputs, manager, message, problem
            ) from problem
        return calls.Created(identifier_of(live), _recorded(inputs, live, call.inputs, manager))

    def _preview_create(self, kind: Kind, call: calls.CreateCall, inputs: Object, manager: str) -> Object:
        if has_unknown(inputs) or self._client is None:
            return call.inputs
        operations = self._operations(kind, call.urn)
        live = operations.preview_create(inputs, upsert=self._settings.upsert, manager=manager)
        if live is None:
            return call.inputs
        live = {key: item for key, item in live.items() if key != "status"}
        return _recorded(inputs, live, call.inputs, manager)

    def update(self, call: calls.UpdateCall) -> Object:
        kind, inputs = _kind(call.type), normalised(reveal_object(call.news))
        old = state.read(call.olds)
        manager = state.field_manager(inputs, old.field_manager)
        ignored = tuple(map(paths.parse, call.ignore_changes))
        if call.preview:
            if has_unknown(inputs) or self._client is None:
                return call.news
            live = self._preview_update(kind, call, inputs, manager, ignored)
            return call.news if live is None else _recorded(inputs, live, call.news, manager, old.api_version)
        operations = self._reachable(kind, call.urn)
        before = operations.client.get(kind, namespace_of(inputs), name_of(inputs))
        live = operations.apply(inputs, manager, ignored)
        revision = as_text(dig(before, "metadata", "annotations", REVISION))
        rollout = Rollout(template_of(live) != template_of(before), revision)
        try:
            live = operations.wait(live, inputs, call.timeout, rollout)
        except (NotReadyError, ApiError) as problem:
            opening = f'the Kubernetes API server reported that "{identifier_of(live)}"'
            message = f"{opening} failed to fully initialize or become live: {problem}"
            raise self._half_done(operations, live, inputs, call.news, manager, message, problem) from problem
        return _recorded(inputs, live, call.news, manager, old.api_version)

    def _preview_update(
        self,
        kind: Kind,
        call: calls.UpdateCall,
        inputs: Object,
        manager: str,
        ignored: tuple[paths.Path, ...],
    ) -> Object | None:
        try:
            return self._operations(kind, call.urn).preview_apply(inputs, manager, ignored)
        except ApiError as problem:
            if problem.status == NOT_FOUND:
                return None
            raise

    def read(self, call: calls.ReadCall) -> calls.Reading:
        kind, old = _kind(call.type), state.read(call.state)
        gone = calls.Reading("", {}, {})
        if self._client is None and self._settings.delete_unreachable:
            return gone
        operations = self._reachable(kind, call.urn, UNREACHABLE_ADVICE)
        namespace, _, name = call.identifier.rpartition("/")
        if kind.namespaced and not namespace:
            namespace = self._namespace
        try:
            live = operations.client.get(kind, namespace, name)
        except ApiError as problem:
            if problem.status == NOT_FOUND:
                return gone
            raise
        recorded = normalised(reveal_object(call.inputs))
        inputs = diff.prune_object(live, recorded) if recorded else checking.importable(live)
        manager = state.field_manager(inputs, old.field_manager)
        like = call.inputs or inputs
        version = old.api_version or kind.api_version
        full = state.record(inputs, live, like, version, manager)
        secret_inputs = annotated(inputs, like)
        try:
            operations.check_now(live, inputs)
        except NotReadyError as problem:
            raise calls.InitError(
                call.identifier, str(problem), problem.problems, full, secret_inputs
            ) from problem
        return calls.Reading(call.identifier, full, secret_inputs)

    def delete(self, call: calls.DeleteCall) -> None:
        kind, old = _kind(call.type), state.read(call.state)
        if self._client is None and self._settings.delete_unreachable:
            self._log.warning(f"removed from the state only: {self._unreachable}", call.urn)
            return
        namespace, _, name = call.identifier.rpartition("/")
        operations = self._reachable(kind, call.urn, UNREACHABLE_ADVICE)
        operations.delete(old.inputs, namespace, name, call.timeout)

    def _half_done(  # noqa: PLR0917 - one call's facts
        self,
        operations: Operations,
        live: Object,
        inputs: Object,
        like: Object,
        manager: str,
        message: str,
        problem: PluginError,
    ) -> calls.InitError:
        with contextlib.suppress(PluginError):  # without it, what the server last returned is recorded
            live = operations.client.get(operations.kind, namespace_of(live), name_of(live))
        problems = problem.problems if isinstance(problem, NotReadyError) else ()
        return calls.InitError(identifier_of(live), message, problems, _recorded(inputs, live, like, manager))

    def _reachable(self, kind: Kind, urn: str, advice: str = "") -> Operations:
        if self._client is None:
            text = f"configured Kubernetes cluster is unreachable: {self._unreachable}"
            raise PluginError(f"{text}. {advice}" if advice else text)
        return self._operations(kind, urn)

    def _operations(self, kind: Kind, urn: str) -> Operations:
        if self._client is None:
            raise PluginError(f"configured Kubernetes cluster is unreachable: {self._unreachable}")
        force = self._settings.patch_force
        return Operations(self._client, kind, urn, self._log, self._clock, patch_force=force)


def _kind(token: str) -> Kind:
    kind = BY_TOKEN.get(token)
    if kind is None:
        what = f"{token} ({reason_to_refuse(token)})"
        raise refusal(what, Kubernetes.name, Kubernetes.serves)
    return kind


def _with_identity(kind: Kind, manifest: Object, source: Object) -> Object:
    """The manifest with the identity that the API server would give it, so that a default is no change."""
    metadata: Object = {**_metadata(manifest)}
    metadata.pop("namespace", None)
    if kind.namespaced:
        metadata["namespace"] = dig(source, "metadata", "namespace") or DEFAULT_NAMESPACE
    if name_of(source):
        metadata["name"] = name_of(source)
    return {**manifest, "metadata": metadata, "apiVersion": kind.api_version, "kind": kind.name}


def _metadata(manifest: Object) -> Object:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _recorded(inputs: Object, live: Object, like: Object, manager: str, version: str = "") -> Object:
    return state.record(inputs, live, like, version or as_text(inputs.get("apiVersion")), manager)
