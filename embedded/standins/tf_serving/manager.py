"""Keeps the wanted versions of every model loaded, and finds the one that a request means.

One thread looks for versions and loads and unloads them one after another. Texts and order of events:
tensorflow_serving/model_servers/server_core.cc, core/aspired_versions_manager.cc.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import versions
from .errors import Code, ServingError, StartError, invalid
from .model_config import Model
from .servable import Servable
from .versions import ModelSpec, State, VersionStatus

Loader = Callable[[str, int, str], Servable]
Log = Callable[[str], None]
FIRST_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Polling:
    """When to look and to try again; seconds. Poll 0 looks once, negative never."""

    poll: float
    retries: int
    retry_interval: float
    labels_for_unavailable: bool = False
    reread_models: float = 0.0


class Manager:
    """Models and their versions. `start()` returns once every model has a version that serves."""

    def __init__(
        self,
        models: tuple[Model, ...],
        loader: Loader,
        polling: Polling,
        log: Log,
        read_models: Callable[[], tuple[Model, ...]] | None = None,
    ) -> None:
        self._models = {model.name: model for model in models}
        self._loader, self._polling, self._log, self._read_models = loader, polling, log, read_models
        self._lock = threading.Lock()
        self._serving: dict[str, dict[int, Servable]] = {name: {} for name in self._models}
        self._statuses: dict[str, dict[int, VersionStatus]] = {name: {} for name in self._models}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="versions", daemon=True)

    def start(self) -> None:
        """Load the first versions; returns early when stopped. Raises StartError when a model cannot load."""
        if not self._polling.labels_for_unavailable:
            self._refuse_labels()
        while not self._stopping.is_set():
            self.look()
            waiting = [name for name in self._models if not self._serving[name]]
            failed = [status for name in waiting for status in self._ended(name)]
            if failed:
                raise StartError(_failed_text(failed))
            if not waiting:
                self._thread.start()
                return
            for name in waiting:
                self._log(
                    f"WARNING: No versions of servable {name} found under base path "
                    f"{self._models[name].base_path}. Did you forget to name your leaf directory as a number?"
                )
            self._stopping.wait(max(self._polling.poll, FIRST_LOOK_SECONDS))

    def _refuse_labels(self) -> None:
        for model in self._models.values():
            for _, version in model.labels:
                raise StartError(
                    f"FAILED_PRECONDITION: Request to assign label to version {version} of model "
                    f"{model.name}, "
                    "which is not currently available for inference; "
                    "set --allow_version_labels_for_unavailable_models=true"
                )

    def _ended(self, name: str) -> list[tuple[str, VersionStatus]]:
        return [(name, s) for s in self._statuses[name].values() if s.code is not Code.OK]

    def stop(self) -> None:
        """Stop looking for versions; loaded ones stay."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _watch(self) -> None:
        waits = [each for each in (self._polling.poll, self._polling.reread_models) if each > 0]
        reread_at = time.monotonic() + self._polling.reread_models
        while waits and not self._stopping.wait(min(waits)):
            if self._polling.reread_models and time.monotonic() >= reread_at:
                self._reread()
                reread_at = time.monotonic() + self._polling.reread_models
            self.look()

    def _reread(self) -> None:
        try:
            models = {model.name: model for model in (self._read_models or tuple)()}
        except StartError as error:
            self._log(f"ERROR: models stay as they are: {error}")
            return
        with self._lock:
            for name in models:
                self._serving.setdefault(name, {})
                self._statuses.setdefault(name, {})
            gone = [name for name in self._serving if name not in models]
            self._models = models
        for name in gone:
            for version in list(self._serving[name]):
                self._unload(name, version)

    def look(self) -> None:
        """Look at the folders once; load what is wanted and missing, then unload what is no longer wanted."""
        for model in list(self._models.values()):
            on_disk = versions.found(model.base_path)
            aspired = model.policy.choose(on_disk)
            self._forget_failures(model.name, aspired)
            failed = [status.version for _, status in self._ended(model.name)]
            todo = versions.plan(aspired, self._serving[model.name], failed)
            for version in todo.load:
                self._load(model.name, version, on_disk[version])
            if versions.may_unload(aspired, self._serving[model.name]):
                for version in todo.unload:
                    self._unload(model.name, version)

    def _forget_failures(self, name: str, aspired: frozenset[int]) -> None:
        """A version that failed and then left the folder may come back repaired."""
        for _, status in self._ended(name):
            if status.version not in aspired:
                self._set(name, VersionStatus(status.version, State.END))

    def _set(self, name: str, status: VersionStatus) -> None:
        with self._lock:
            self._statuses[name][status.version] = status

    def _load(self, name: str, version: int, path: str) -> None:
        self._set(name, VersionStatus(version, State.LOADING))
        started = time.monotonic()
        for attempt in range(self._polling.retries + 1):
            try:
                servable = self._loader(name, version, path)
            except ServingError as error:
                self._log(f"ERROR: {name} version {version}, attempt {attempt + 1}: {error}")
                self._set(name, VersionStatus(version, State.LOADING, error.code, error.message))
                more = attempt < self._polling.retries
                if more and self._stopping.wait(self._polling.retry_interval):
                    return
                continue
            with self._lock:
                self._serving[name][version] = servable
                self._statuses[name][version] = VersionStatus(version, State.AVAILABLE)
            self._log(f"{name} version {version} serves, loaded in {time.monotonic() - started:.1f} s")
            return
        last = self._statuses[name][version]
        self._set(name, VersionStatus(version, State.END, last.code, last.message))

    def _unload(self, name: str, version: int) -> None:
        with self._lock:
            servable = self._serving[name].pop(version)
            self._statuses[name][version] = VersionStatus(version, State.UNLOADING)
        servable.close()
        self._set(name, VersionStatus(version, State.END))
        self._log(f"{name} version {version} unloaded")

    @contextlib.contextmanager
    def use(self, spec: ModelSpec) -> Iterator[Servable]:
        """The version that a request means, kept alive meanwhile; raises ServingError when none serves."""
        with contextlib.ExitStack() as stack:
            with self._lock:
                servable = stack.enter_context(self._find(spec).use())
            yield servable

    def _find(self, spec: ModelSpec) -> Servable:
        spec = self.resolved(spec)
        serving = self._serving.get(spec.name, {})
        version = max(serving, default=None) if spec.version is None else spec.version
        if version is None or version not in serving:
            raise ServingError(Code.NOT_FOUND, f"Servable not found for request: {spec}")
        return serving[version]

    def resolved(self, spec: ModelSpec) -> ModelSpec:
        """The request with its label replaced by a version; raises ServingError for unknown labels."""
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        if spec.label is None:
            return spec
        model = self._models.get(spec.name)
        labels = dict(model.labels) if model else {}
        if spec.label not in labels:
            raise invalid(f"Unrecognized servable version label: {spec.label}")
        return ModelSpec(spec.name, labels[spec.label])

    def statuses(self, spec: ModelSpec) -> list[VersionStatus]:
        """States of the versions meant, newest first; raises ServingError when there are none."""
        spec = self.resolved(spec)
        with self._lock:
            known = dict(self._statuses.get(spec.name, {}))
        if spec.version is not None:
            if spec.version not in known:
                raise ServingError(
                    Code.NOT_FOUND, f"Could not find version {spec.version} of model {spec.name}"
                )
            return [known[spec.version]]
        if not known:
            raise ServingError(Code.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        return [known[version] for version in sorted(known, reverse=True)]


def _failed_text(failed: list[tuple[str, VersionStatus]]) -> str:
    causes = ", ".join(
        f"{{name: {name} version: {status.version}}} due to error: {status.code.name}: {status.message}"
        for name, status in failed
    )
    return f"{len(failed)} servable(s) did not become available: {{{causes}}}"
