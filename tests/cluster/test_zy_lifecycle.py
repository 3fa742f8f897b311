"""The life of a stack by plain Pulumi commands. Changes the stack, so it runs after the tests that use it."""

import json
import subprocess
import sys

import pytest

from stack.outputs import StackOutputs
from tests.cluster.conftest import ROOT, STACK, run
from tests.cluster.objects import objects

pytestmark = [pytest.mark.cluster, pytest.mark.destructive]


def pulumi(*arguments: str) -> str:
    return run("pulumi", "--non-interactive", *arguments, "--stack", STACK)


def ready(outputs: StackOutputs, deployment: str) -> str:
    template = "{.status.readyReplicas}/{.spec.replicas}"
    place = ("--context", outputs.context, "-n", outputs.namespace)
    return run("kubectl", *place, "get", "deployment", deployment, "-o", f"jsonpath={template}")


def changes(text: str) -> dict[str, str]:
    """Resource → operation of an `up --json`'s summary of steps."""
    steps = json.loads(text)["steps"]
    return {step["urn"].split("::")[-1]: step["op"] for step in steps if step["op"] != "same"}


def test_a_deployed_stack_has_no_changes_and_no_drift() -> None:
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_two_replicas_change_only_the_replicas_and_become_ready(outputs: StackOutputs) -> None:
    pulumi("config", "set", "replicas", "2")
    try:
        plan = json.loads(pulumi("preview", "--json", "--diff"))
        touched = {
            step["urn"].rsplit("::", 1)[-1]: list(step["detailedDiff"])
            for step in plan["steps"]
            if step["op"] != "same"
        }
        assert touched == {
            f"{outputs.namespace}/{name}": ["spec.replicas"] for name in ("tensorflow-serving", "torchserve")
        }
        pulumi("up", "--yes", "--skip-preview")
        assert ready(outputs, "tensorflow-serving") == ready(outputs, "torchserve") == "2/2"
    finally:
        pulumi("config", "rm", "replicas")
    pulumi("up", "--yes", "--skip-preview")
    assert ready(outputs, "torchserve") == "1/1"


def test_a_wrong_setting_is_one_line_and_changes_nothing() -> None:
    pulumi("config", "set", "replcas", "2")
    try:
        answer = subprocess.run(
            ["pulumi", "--non-interactive", "up", "--yes", "--stack", STACK],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        pulumi("config", "rm", "replcas")
    assert answer.returncode != 0
    assert "did you mean replicas?" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_killed_up_is_mended() -> None:
    pulumi("config", "set", "--path", "tensorflow.restThreads", "16")
    try:
        killed = subprocess.Popen(
            ["pulumi", "--non-interactive", "up", "--yes", "--skip-preview", "--stack", STACK],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert killed.stdout
        for line in killed.stdout:
            if "Deployment" in line:
                break
        killed.kill()
        killed.wait()
        run(sys.executable, "-m", "infra.recover", STACK)
        pulumi("up", "--yes", "--skip-preview")
        pulumi("preview", "--expect-no-changes")
    finally:
        pulumi("config", "rm", "--path", "tensorflow")
    pulumi("up", "--yes", "--skip-preview")


def test_destroy_leaves_no_object_of_ours_of_any_kind(outputs: StackOutputs) -> None:
    before = objects(outputs.context)
    ours = {item for item in before if item.ours}
    assert {"Namespace", "ClusterRole", "APIService", "Deployment"} <= {item.kind for item in ours}
    pulumi("destroy", "--yes", "--skip-preview")
    assert objects(outputs.context) == before - ours
    pulumi("up", "--yes", "--skip-preview")
    assert {item.kind for item in objects(outputs.context) if item.ours} == {item.kind for item in ours}
