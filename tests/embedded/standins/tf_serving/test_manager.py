"""Which versions are loaded and found, decided with a loader that loads nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from embedded.standins.tf_serving import versions
from embedded.standins.tf_serving.errors import Code, ServingError, StartError
from embedded.standins.tf_serving.manager import Manager, Polling
from embedded.standins.tf_serving.servable import Servable
from embedded.standins.tf_serving.versions import ModelSpec, State

NOW = Polling(poll=0, retries=0, retry_interval=0)
OFTEN = Polling(poll=0.02, retries=0, retry_interval=0)


class Loader:
    """Makes servables without a session, remembers the order of events, fails where told to."""

    def __init__(self, failures: dict[int, int] | None = None) -> None:
        self.events: list[str] = []
        self.failures = dict(failures or {})

    def __call__(self, version: int, _path: str) -> Servable:
        if self.failures.get(version, 0):
            self.failures[version] -= 1
            self.events.append(f"fail {version}")
            raise ServingError(Code.DATA_LOSS, "broken file")
        self.events.append(f"load {version}")
        session = SimpleNamespace(close=lambda: self.events.append(f"unload {version}"))
        meta_graph = SimpleNamespace(signature_def={})
        return Servable(version, session, meta_graph, {})


@pytest.fixture
def started() -> Iterator[Callable[..., Manager]]:
    managers: list[Manager] = []

    def start(base_path: str, loader: Loader, polling: Polling = NOW) -> Manager:
        managers.append(Manager("m", base_path, loader, polling, log=lambda _: None))
        managers[-1].start()
        return managers[-1]

    yield start
    for manager in managers:
        manager.stop()


def folders(base: Path, *names: str) -> str:
    for name in names:
        (base / name).mkdir(parents=True)
    return str(base)


def serving(manager: Manager, name: str = "m", version: int | None = None) -> int:
    with manager.use(ModelSpec(name, version)) as servable:
        return servable.version


def states(manager: Manager, name: str = "m") -> dict[int, State]:
    return {status.version: status.state for status in manager.statuses(ModelSpec(name))}


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_only_numeric_folders_are_versions(tmp_path: Path) -> None:
    base = folders(tmp_path, "00000123", "7", "x", "-3", "1.5", "9" * 30)
    (tmp_path / "8").write_text("a file")
    assert versions.found(base) == {123: f"{base}/00000123", 7: f"{base}/7"}
    assert versions.found("/nowhere") == {}


def test_the_newest_version_serves(started: Callable[..., Manager], tmp_path: Path) -> None:
    manager = started(folders(tmp_path, "1", "2", "10"), Loader())
    assert serving(manager) == 10
    assert states(manager) == {10: State.AVAILABLE}


def test_a_new_version_loads_before_the_old_one_unloads(
    started: Callable[..., Manager], tmp_path: Path
) -> None:
    loader = Loader()
    manager = started(folders(tmp_path, "1"), loader, OFTEN)
    folders(tmp_path, "2")
    eventually(lambda: states(manager) == {1: State.END, 2: State.AVAILABLE})
    assert loader.events == ["load 1", "load 2", "unload 1"]
    assert serving(manager) == 2


def test_a_new_version_that_cannot_load_leaves_the_old_one_serving(
    started: Callable[..., Manager], tmp_path: Path
) -> None:
    manager = started(folders(tmp_path, "1"), Loader({2: 99}), OFTEN)
    folders(tmp_path, "2")
    eventually(lambda: states(manager) == {1: State.AVAILABLE, 2: State.END})
    assert serving(manager) == 1
    ended = manager.statuses(ModelSpec("m", 2))[0]
    assert (ended.code, ended.message) == (Code.DATA_LOSS, "broken file")


def test_a_version_in_use_is_unloaded_only_afterwards(
    started: Callable[..., Manager], tmp_path: Path
) -> None:
    loader = Loader()
    manager = started(folders(tmp_path, "1"), loader, OFTEN)
    with manager.use(ModelSpec("m")) as servable:
        folders(tmp_path, "2")
        eventually(lambda: states(manager).get(1) is State.UNLOADING)
        assert servable.version == 1
        assert "unload 1" not in loader.events
        assert serving(manager) == 2
    eventually(lambda: states(manager)[1] is State.END)
    assert loader.events[-1] == "unload 1"


def test_a_failed_load_is_tried_again(started: Callable[..., Manager], tmp_path: Path) -> None:
    loader = Loader({1: 2})
    manager = started(folders(tmp_path, "1"), loader, Polling(0, 2, 0.01))
    assert loader.events == ["fail 1", "fail 1", "load 1"]
    assert states(manager) == {1: State.AVAILABLE}


def test_a_model_that_cannot_load_fails_the_start(started: Callable[..., Manager], tmp_path: Path) -> None:
    says = "m: version 1 did not become available: DATA_LOSS: broken file"
    with pytest.raises(StartError, match=says):
        started(folders(tmp_path, "1"), Loader({1: 99}), Polling(0, 1, 0))


def test_a_base_path_without_versions_is_waited_for(tmp_path: Path) -> None:
    said: list[str] = []
    manager = Manager("m", str(tmp_path), Loader(), OFTEN, said.append)
    waiting = threading.Thread(target=manager.start)
    waiting.start()
    eventually(lambda: bool(said))
    assert "Did you forget to name your leaf directory as a number?" in said[0]
    folders(tmp_path, "1")
    waiting.join(timeout=20)
    assert serving(manager) == 1
    manager.stop()


def test_stopping_ends_the_wait_for_a_first_version(tmp_path: Path) -> None:
    manager = Manager("m", str(tmp_path), Loader(), NOW, lambda _: None)
    waiting = threading.Thread(target=manager.start)
    waiting.start()
    manager.stop()
    waiting.join(timeout=20)
    assert not waiting.is_alive()


def test_emptying_the_folder_unloads_everything(started: Callable[..., Manager], tmp_path: Path) -> None:
    manager = started(folders(tmp_path, "1"), Loader(), OFTEN)
    (tmp_path / "1").rmdir()
    eventually(lambda: states(manager) == {1: State.END})
    with pytest.raises(ServingError, match=r"Servable not found for request: Latest\(m\)"):
        serving(manager)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (ModelSpec("x"), r"Servable not found for request: Latest\(x\)"),
        (ModelSpec("m", 7), r"Servable not found for request: Specific\(m, 7\)"),
    ],
)
def test_what_does_not_serve_is_not_found(
    started: Callable[..., Manager], tmp_path: Path, spec: ModelSpec, says: str
) -> None:
    manager = started(folders(tmp_path, "1"), Loader())
    with pytest.raises(ServingError, match=says), manager.use(spec):
        pass
