"""Which tests run side by side, and what tests of every room share: golden files, and promtool.

Golden files are what a pure function renders, kept for review; renew them with `pytest --update-goldens`.
"""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import HealthCheck, settings

from stack import near
from tests.backend import use

ROOT = Path(__file__).resolve().parent
GOLDENS = ROOT / "goldens"
NICE = os.getpriority(os.PRIO_PROCESS, 0)
BEHIND = 10  # how much nicer than the cluster's tests those are that run beside them
SHARING = ("model_build", "tf_serving", "grafana")  # folders whose tests share what is dear, dearest first

settings.register_profile("beside others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside others")
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # else children of forks crash, 1 in 150
os.environ.pop(
    "PYTHONDONTWRITEBYTECODE", None
)  # hundreds of Pythons start here, half of their time compiling
sys.dont_write_bytecode = False
near.keep()  # a developer's proxy is asked about nothing that a test starts
# Locked by everyone who runs a test, and by nobody else beside a test that must not be disturbed.
QUIET = pytest.StashKey[IO[bytes]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write golden files anew; read the diff")


@pytest.hookimpl(wrapper=True)  # around pytest-xdist, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """What takes longest begins first: the tests of the cluster, beside which all others run."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_turn)
    yield
    for item in items:  # pytest-xdist 3.8 writes a group where pytest 9.2 does not look for it any more
        item._id = coerce_node_id(vars(item).get("_nodeid", item.nodeid))


def pytest_configure(config: pytest.Config) -> None:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", os.getpid())  # another run does not wait for this one
    config.stash[QUIET] = (Path(tempfile.gettempdir()) / f"emotion-serving-tests-{run}").open("ab")


def pytest_unconfigure(config: pytest.Config) -> None:
    with config.stash[QUIET] as quiet:
        Path(quiet.name).unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before a test's time begins
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Beside a test that must not be disturbed no other process begins one, nor before the next such test."""
    quiet = item.config.stash[QUIET]
    fcntl.flock(quiet, fcntl.LOCK_EX if _undisturbed(item) else fcntl.LOCK_SH)
    done = yield
    if not (_undisturbed(item) and _undisturbed(nextitem)):
        fcntl.flock(quiet, fcntl.LOCK_UN)
    return done


def _undisturbed(item: pytest.Item | None) -> bool:
    return item is not None and item.get_closest_marker("undisturbed") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of the cluster gets the cores before those beside it, which time nothing and lose no request."""
    with suppress(PermissionError):  # root alone may take a core back
        os.setpriority(os.PRIO_PROCESS, 0, NICE + (0 if item.get_closest_marker("cluster") else BEHIND))


def _group(item: pytest.Item) -> str:
    """Tests of a group run in one process: they share a cluster, servers, models or a file's fixtures."""
    if item.get_closest_marker("cluster"):
        return "cluster"
    path = item.path.relative_to(ROOT)
    return next((folder for folder in path.parts[:-1] if folder in SHARING), path.as_posix())


def _turn(item: pytest.Item) -> tuple[int, ...]:
    """Of the cluster's tests, those that others disturb come late, and what takes parts of it away last."""
    group = _group(item)
    if group == "cluster":
        return 0, *(item.get_closest_marker(name) is not None for name in ("destructive", "undisturbed"))
    return 1, SHARING.index(group) if group in SHARING else len(SHARING)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of a name."""

    def compare(name: str, text: str) -> None:
        file = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert file.exists(), f"no golden file {file.name}; run pytest --update-goldens and read it"
        assert text == file.read_text(), (
            f"{file.name} differs; if meant, pytest --update-goldens and read the diff"
        )

    return compare


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty backend of real Pulumi."""
    return use(tmp_path, monkeypatch)


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not on PATH; python -m embedded.toolchain promtool brings it")
    return found
