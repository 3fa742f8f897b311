"""The deployed stack `minikube`, as a user reaches it."""

import base64
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.subject.deployed import Deployed, connect
from stack.outputs import Endpoint, StackOutputs
from tests.cluster import turns

ROOT = Path(__file__).resolve().parent.parent.parent
STACK = "minikube"
STAYING = pytest.StashKey[ExitStack]()


def run(*command: str) -> str:
    """Standard output of a command; its standard error if it fails."""
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"{' '.join(command)}: {answer.stderr}\n{answer.stdout}"
    return answer.stdout


def eventually(probe: Callable[[], object], seconds: float = 120) -> None:
    """Wait until `probe` is true; on time-out its last exception or value is shown."""
    end, last = time.monotonic() + seconds, "nothing was tried"
    while time.monotonic() < end:
        try:
            value = probe()
        except AssertionError as error:
            last = str(error)
        else:
            if value:
                return
            last = repr(value)
        time.sleep(1)
    pytest.fail(f"not within {seconds:.0f} s: {last}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """From the first of the tests that run beside others to their last nobody takes the cluster away."""
    if _beside(item) and STAYING not in item.config.stash:
        item.config.stash[STAYING] = ExitStack()
        item.config.stash[STAYING].enter_context(turns.staying())


@pytest.hookimpl(trylast=True)  # when what the last of them had is gone
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if _beside(item) and not _beside(nextitem):
        item.config.stash[STAYING].close()


def _beside(item: pytest.Item | None) -> bool:
    return item is not None and item.get_closest_marker("beside") is not None


@pytest.fixture(scope="module")
def platform_as_it_is() -> Iterator[None]:
    """Nobody changes the platform of `minikube` meanwhile."""
    with turns.as_it_is():
        yield


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    return connect(STACK)


@pytest.fixture(scope="session")
def outputs(deployed: Deployed) -> StackOutputs:
    return deployed.outputs


@pytest.fixture(scope="session")
def endpoints(outputs: StackOutputs) -> dict[str, Endpoint]:
    return {endpoint.server: endpoint for endpoint in outputs.endpoints}


@pytest.fixture(scope="session")
def photo() -> str:
    """A drawn face as standard base64."""
    file = sorted((ROOT / "artifacts" / "photos").iterdir())[0]
    return base64.b64encode(file.read_bytes()).decode()
