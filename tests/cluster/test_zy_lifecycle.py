"""The life of a stack by plain Pulumi commands. Changes the stack, so it runs after the tests that use it.

Each test goes on where the one before it left the stack; at the end it is destroyed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stack.outputs import StackOutputs
from tests.cluster.conftest import ROOT, STACK, eventually, run
from tests.cluster.objects import objects

pytestmark = [pytest.mark.cluster, pytest.mark.destructive]
SERVERS = ("tensorflow-serving", "torchserve")


@pytest.fixture(scope="module", autouse=True)
def _put_back(request: pytest.FixtureRequest, outputs: StackOutputs) -> Iterator[None]:
    """The stack's file is as it was, and the stack is up unless its cluster is taken away next."""
    file = ROOT / f"Pulumi.{STACK}.yaml"
    content = file.read_bytes()
    yield
    file.write_bytes(content)
    goes = any("test_zz_destructive" in item.nodeid for item in request.session.items)
    if not (goes and outputs.context == "embedded"):
        pulumi("up", "--yes", "--skip-preview")


def pulumi(*arguments: str) -> str:
    return run(*command(*arguments))


def command(*arguments: str) -> tuple[str, ...]:
    return ("pulumi", "--non-interactive", *arguments, "--stack", STACK)


def killed(*arguments: str) -> None:
    """The command dies once it has begun with a Deployment; then the stack is mended as a user would."""
    dying = subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert dying.stdout
    assert any("Deployment" in line for line in dying.stdout), "it ended before a Deployment's turn came"
    dying.kill()
    dying.wait()
    run(sys.executable, "-m", "infra.recover", STACK)


def kubectl(outputs: StackOutputs, *arguments: str) -> str:
    return run("kubectl", "--context", outputs.context, "-n", outputs.namespace, *arguments)


def ready(outputs: StackOutputs, deployment: str) -> str:
    template = "{.status.readyReplicas}/{.spec.replicas}"
    return kubectl(outputs, "get", "deployment", deployment, "-o", f"jsonpath={template}")


def planned(*options: str) -> dict[str, list[str]]:
    """What a preview would change: resource → the paths of its fields, none for what it would create."""
    steps = json.loads(pulumi("preview", "--json", "--diff", *options))["steps"]
    return {
        step["urn"].rsplit("::", 1)[-1]: list(step.get("detailedDiff") or {})
        for step in steps
        if step["op"] not in ("same", "refresh")
    }


def test_a_deployed_stack_has_no_changes_and_no_drift() -> None:
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_two_replicas_change_only_the_replicas_and_become_ready(outputs: StackOutputs) -> None:
    pulumi("config", "set", "replicas", "2")
    assert planned() == {f"{outputs.namespace}/{name}": ["spec.replicas"] for name in SERVERS}
    pulumi("up", "--yes", "--skip-preview")
    eventually(lambda: [ready(outputs, name) for name in SERVERS] == ["2/2", "2/2"])


def test_a_wrong_setting_is_one_line_and_changes_nothing() -> None:
    pulumi("config", "set", "replcas", "2")
    try:
        answer = subprocess.run(command("up", "--yes"), cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        pulumi("config", "rm", "replcas")
    assert answer.returncode != 0
    assert "did you mean replicas?" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_what_somebody_took_out_of_the_cluster_is_told(outputs: StackOutputs) -> None:
    kubectl(outputs, "delete", "poddisruptionbudget", "torchserve")
    assert planned("--refresh") == {f"{outputs.namespace}/torchserve": []}


def test_a_killed_up_is_mended_and_what_was_taken_is_put_back(outputs: StackOutputs) -> None:
    pulumi("config", "set", "--path", "tensorflow.restThreads", "16")
    killed("up", "--yes", "--skip-preview")
    pulumi("up", "--yes", "--skip-preview", "--refresh")
    pulumi("preview", "--expect-no-changes")
    eventually(lambda: [ready(outputs, name) for name in SERVERS] == ["2/2", "2/2"])
    kubectl(outputs, "get", "poddisruptionbudget", "torchserve")
    arguments = kubectl(outputs, "get", "deployment", "tensorflow-serving", "-o", "jsonpath={..args}")
    assert "--rest_api_num_threads=16" in arguments


def test_destroy_killed_or_not_leaves_no_object_of_ours_of_any_kind(outputs: StackOutputs) -> None:
    before = objects(outputs.context)
    ours = {item for item in before if item.ours}
    assert {"Namespace", "ClusterRole", "APIService", "Deployment"} <= {item.kind for item in ours}
    killed("destroy", "--yes", "--skip-preview")
    pulumi("destroy", "--yes", "--skip-preview")
    assert objects(outputs.context) == before - ours
