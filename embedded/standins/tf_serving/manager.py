"""Keeps the newest version of the model loaded, and finds the one that a request means.

One thread looks for versions and loads and unloads them one after another. Texts and order of events:
tensorflow_serving/model_servers/server_core.cc, core/aspired_versions_manager.cc.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from . import versions
from .errors import Code, ServingError, StartError
from .servable import Servable
from .versions import ModelSpec, State, VersionStatus

Loader = Callable[[int, str], Servable]
Log = Callable[[str], None]
FIRST_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Polling:
    """When to look and to try again; seconds. Poll 0 looks once. Retries: as upstream's flags default to."""

    poll: float
    retries: int = 5
    retry_interval: float = 60.0


class Manager:
    """A model's versions. `start()` returns once one of them serves."""

    def __init__(self, name: str, base_path: str, loader: Loader, polling: Polling, log: Log) -> None:
        self._name, self._base_path = name, base_path
        self._loader, self._polling, self._log = loader, polling, log
        self._lock = threading.Lock()
        self._serving: dict[int, Servable] = {}
        self._statuses: dict[int, VersionStatus] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="versions", daemon=True)

    def start(self) -> None:
        """Load the first version; returns early when stopped. Raises StartError when it cannot be loaded."""
        while not self._stopping.is_set():
            self.look()
            if self._serving:
                self._thread.start()
                return
            if failed := [each for each in self._statuses.values() if each.code is not Code.OK]:
                raise StartError(f"{self._name}: {_failed_text(failed[0])}")
            self._log(
                f"WARNING: No versions of servable {self._name} found under base path {self._base_path}. "
                "Did you forget to name your leaf directory as a number?"
            )
            self._stopping.wait(max(self._polling.poll, FIRST_LOOK_SECONDS))

    def stop(self) -> None:
        """Stop looking for versions; loaded ones stay."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _watch(self) -> None:
        while self._polling.poll > 0 and not self._stopping.wait(self._polling.poll):
            self.look()

    def look(self) -> None:
        """Look once: load the newest version; once it serves, or none is left, unload the others."""
        on_disk = versions.found(self._base_path)
        newest = max(on_disk, default=None)
        self._forget_failures_but(newest)
        if newest is not None and newest not in self._serving and not self._has_failed(newest):
            self._load(newest, on_disk[newest])
        if newest is None or newest in self._serving:
            for version in sorted(set(self._serving) - {newest}):
                self._unload(version)

    def _has_failed(self, version: int) -> bool:
        return version in self._statuses and self._statuses[version].code is not Code.OK

    def _forget_failures_but(self, newest: int | None) -> None:
        """A version that failed and then left the folder may come back repaired."""
        for version in list(self._statuses):
            if version != newest and self._has_failed(version):
                self._set(VersionStatus(version, State.END))

    def _set(self, status: VersionStatus) -> None:
        with self._lock:
            self._statuses[status.version] = status

    def _load(self, version: int, path: str) -> None:
        self._set(VersionStatus(version, State.LOADING))
        started = time.monotonic()
        for attempt in range(self._polling.retries + 1):
            if attempt and self._stopping.wait(self._polling.retry_interval):
                return
            try:
                servable = self._loader(version, path)
            except ServingError as error:
                self._log(f"ERROR: {self._name} version {version}, attempt {attempt + 1}: {error}")
                failed = VersionStatus(version, State.LOADING, error.code, error.message)
                self._set(failed)
            else:
                self._serve(version, servable, time.monotonic() - started)
                return
        self._set(replace(failed, state=State.END))

    def _serve(self, version: int, servable: Servable, seconds: float) -> None:
        with self._lock:
            self._serving[version] = servable
            self._statuses[version] = VersionStatus(version, State.AVAILABLE)
        self._log(f"{self._name} version {version} serves, loaded in {seconds:.1f} s")

    def _unload(self, version: int) -> None:
        with self._lock:
            servable = self._serving.pop(version)
            self._statuses[version] = VersionStatus(version, State.UNLOADING)
        servable.close()
        self._set(VersionStatus(version, State.END))
        self._log(f"{self._name} version {version} unloaded")

    @contextlib.contextmanager
    def use(self, spec: ModelSpec) -> Iterator[Servable]:
        """The version that a request means, kept alive meanwhile; raises ServingError when none serves."""
        with contextlib.ExitStack() as stack:
            with self._lock:
                servable = stack.enter_context(self._find(spec).use())
            yield servable

    def _find(self, spec: ModelSpec) -> Servable:
        version = max(self._serving, default=None) if spec.version is None else spec.version
        if spec.name != self._name or version is None or version not in self._serving:
            raise ServingError(Code.NOT_FOUND, f"Servable not found for request: {spec}")
        return self._serving[version]

    def statuses(self, spec: ModelSpec) -> list[VersionStatus]:
        """States of the versions meant, newest first; raises ServingError when there are none."""
        with self._lock:
            known = dict(self._statuses) if spec.name == self._name else {}
        if spec.version is None and known:
            return [known[version] for version in sorted(known, reverse=True)]
        if spec.version in known:
            return [known[spec.version]]
        which = "any versions" if spec.version is None else f"version {spec.version}"
        raise ServingError(Code.NOT_FOUND, f"Could not find {which} of model {spec.name}")


def _failed_text(status: VersionStatus) -> str:
    return f"version {status.version} did not become available: {status.code.name}: {status.message}"
