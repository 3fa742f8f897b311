"""The deployed stack `minikube`, as a user reaches it."""

import base64
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.subject.deployed import Deployed, connect
from stack.outputs import Endpoint, StackOutputs

ROOT = Path(__file__).resolve().parent.parent.parent
STACK = "minikube"


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
