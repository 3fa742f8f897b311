"""The deployed stack `minikube`, as a user reaches it."""

import base64
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from bench import stack
from infra.monitoring.queries import Query
from infra.outputs import Endpoint, StackOutputs

ROOT = Path(__file__).resolve().parent.parent.parent
STACK = "minikube"
Samples = dict[str, float]


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


def samples(outputs: StackOutputs, query: Query) -> Samples:
    """The query's present values by pod, asked through the API server's proxy."""
    where = outputs.monitoring
    path = (
        f"/api/v1/namespaces/{where.namespace}/services/{where.service}:{where.port}/proxy/api/v1/query"
        f"?query={quote(query.promql)}"
    )
    result = json.loads(run("kubectl", "--context", outputs.context, "get", "--raw", path))["data"]["result"]
    return {item["metric"].get("pod", ""): float(item["value"][1]) for item in result}


@pytest.fixture(scope="session")
def outputs() -> StackOutputs:
    return stack.read(STACK)


@pytest.fixture(scope="session")
def endpoints(outputs: StackOutputs) -> dict[str, Endpoint]:
    return {endpoint.server: endpoint for endpoint in outputs.endpoints}


@pytest.fixture(scope="session")
def photo() -> str:
    """A drawn face as standard base64."""
    file = sorted((ROOT / "artifacts" / "photos").iterdir())[0]
    return base64.b64encode(file.read_bytes()).decode()
