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


def changes() -> set[str]:
    """What an `up` would do, such as `update Deployment emotion-minikube/torchserve`."""
    steps = json.loads(pulumi("preview", "--json"))["steps"]
    words = ((step["op"], *step["urn"].split("::")[-2:]) for step in steps if step["op"] != "same")
    return {f"{op} {kind.rpartition(':')[2]} {name}" for op, kind, name in words}


def kill_at(sign: str, *arguments: str) -> None:
    """Run a Pulumi operation and kill it as soon as a line of its output holds `sign`."""
    command = ["pulumi", "--non-interactive", *arguments, "--yes", "--skip-preview", "--stack", STACK]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert any(sign in line for line in killed.stdout), f"{' '.join(command)} never said {sign}"
        killed.kill()


def test_a_deployed_stack_has_no_changes_and_no_drift() -> None:
    pulumi("preview", "--expect-no-changes")
    pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_drift_is_told_by_a_refresh_and_healed_by_the_next_up(outputs: StackOutputs) -> None:
    place = ("--context", outputs.context, "-n", outputs.namespace)
    run("kubectl", *place, "label", "deployment/torchserve", "app.kubernetes.io/part-of-")
    run("kubectl", *place, "delete", "service/torchserve")
    told = pulumi("refresh", "--yes", "--skip-preview")
    assert "1 updated" in told and "1 deleted" in told, told
    name = f"{outputs.namespace}/torchserve"
    assert changes() == {f"update Deployment {name}", f"create Service {name}"}
    pulumi("up", "--yes", "--skip-preview")
    assert not changes()


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
        kill_at("Deployment", "up")
        run(sys.executable, "-m", "infra.recover", STACK)
        pulumi("up", "--yes", "--skip-preview")
        pulumi("preview", "--expect-no-changes")
    finally:
        pulumi("config", "rm", "--path", "tensorflow")
    pulumi("up", "--yes", "--skip-preview")


def test_a_killed_destroy_is_mended(outputs: StackOutputs) -> None:
    kill_at("delet", "destroy")
    run(sys.executable, "-m", "infra.recover", STACK)
    pulumi("up", "--yes", "--skip-preview")
    assert not changes()
    assert ready(outputs, "tensorflow-serving") == ready(outputs, "torchserve") == "1/1"


def test_destroy_leaves_no_object_of_ours_of_any_kind(outputs: StackOutputs) -> None:
    before = objects(outputs.context)
    ours = {item for item in before if item.ours}
    assert {"Namespace", "ClusterRole", "APIService", "Deployment"} <= {item.kind for item in ours}
    pulumi("destroy", "--yes", "--skip-preview")
    assert objects(outputs.context) == before - ours
    pulumi("up", "--yes", "--skip-preview")
    assert {item.kind for item in objects(outputs.context) if item.ours} == {item.kind for item in ours}
