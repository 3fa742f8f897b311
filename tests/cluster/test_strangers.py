"""What a pod in another namespace may reach: predictions, and nothing that manages a server or shows data."""

import json
from collections.abc import Iterator

import pytest

from stack.outputs import StackOutputs
from tests.cluster.conftest import eventually, run

pytestmark = pytest.mark.cluster
NAMESPACE = "test-stranger"
LOOK = """
import json, socket, sys, urllib.error, urllib.request
def dial(host, port):
    try:
        socket.create_connection((host, port), 5).close()
    except OSError as error:
        return type(error).__name__
    return "open"
def get(url):
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
pod, grafana = sys.argv[1:]
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
urllib.request.install_opener(urllib.request.build_opener(Stay))
ports = {port: dial(pod, port) for port in (8080, 8081, 7070, 7071)}
pages = {path: get(grafana + path) for path in ("/api/health", "/", "/api/search", "/api/datasources")}
print(json.dumps({"ports": ports, "pages": pages}))
"""


def kubectl(outputs: StackOutputs, *arguments: str) -> str:
    return run("kubectl", "--context", outputs.context, *arguments)


def first_pod(outputs: StackOutputs, path: str) -> str:
    chosen = ("-n", outputs.namespace, "get", "pods", "-l", "app.kubernetes.io/name=torchserve")
    return kubectl(outputs, *chosen, "-o", f"jsonpath={{.items[0]{path}}}")


@pytest.fixture
def stranger(outputs: StackOutputs) -> Iterator[str]:
    """A namespace that nothing of ours knows."""
    kubectl(outputs, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl(outputs, "create", "namespace", NAMESPACE)
    yield NAMESPACE
    kubectl(outputs, "delete", "namespace", NAMESPACE)


def seen_from(outputs: StackOutputs, namespace: str) -> dict[str, dict[str, object]]:
    """What LOOK prints in a pod of `namespace` that runs the serving image's Python."""
    image, address = first_pod(outputs, ".spec.containers[0].image"), first_pod(outputs, ".status.podIP")
    grafana = "http://grafana.emotion-monitoring"
    place = ("-n", namespace)
    kubectl(
        outputs, *place, "run", "look", f"--image={image}", "--restart=Never", "--command", "--",
        "python3", "-c", LOOK, address, grafana,
    )  # fmt: skip
    phase = ("get", "pod", "look", "-o", "jsonpath={.status.phase}")
    eventually(lambda: kubectl(outputs, *place, *phase) in ("Succeeded", "Failed"))
    seen: dict[str, dict[str, object]] = json.loads(kubectl(outputs, *place, "logs", "look"))
    return seen


def test_a_stranger_reaches_predictions_and_no_management_and_no_dashboard_without_login(
    outputs: StackOutputs, stranger: str
) -> None:
    seen = seen_from(outputs, stranger)
    refused = "ConnectionRefusedError"
    assert seen["ports"] == {"8080": "open", "8081": refused, "7070": refused, "7071": refused}
    assert seen["pages"]["/api/health"] == 200
    assert seen["pages"]["/"] in (302, 401)
    assert seen["pages"]["/api/search"] == seen["pages"]["/api/datasources"] == 401
