"""What users rely on beyond a quiet life: drift, removed keys, secrets, failures, interruption, speed."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from infra.declare import Scope, declare
from stack.kube import GENERATED, KubeObject
from tests.embedded.plugins.conftest import Kubectl, Stack

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

Stacks = Callable[..., Stack]
Providers = Callable[..., k8s.Provider]
IMAGE = "registry.k8s.io/pause:3.10"
CANARY = "canary-7f3a"


def deployment_body(labels: dict[str, str], image: str = IMAGE) -> dict[str, object]:
    return {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "c", "image": image}],
            },
        },
    }


def test_a_refresh_finds_what_kubectl_changed_and_up_puts_it_back(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider())
        metadata = {"name": "drift", "namespace": kubectl.namespace, "labels": {"kept": "yes"}}
        k8s.core.v1.ServiceAccount("drift", metadata=metadata, opts=options)

    subject = stack(program)
    subject.up()
    kubectl.run("label", "serviceaccount/drift", "kept-", "--field-manager=pulumi-kubernetes")
    assert subject.refresh().get("update") == 1, "the removed label is drift"
    assert subject.up().get("update") == 1
    assert kubectl.field("serviceaccount/drift", "{.metadata.labels.kept}") == "yes"


def test_a_field_that_another_manager_took_is_a_conflict_until_forced(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    annotations: dict[str, str] = {}

    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider())
        metadata = {
            "name": "taken",
            "namespace": kubectl.namespace,
            "labels": {"k": "ours"},
            "annotations": dict(annotations),
        }
        k8s.core.v1.ServiceAccount("taken", metadata=metadata, opts=options)

    subject = stack(program)
    subject.up()
    kubectl.run("label", "serviceaccount/taken", "k=theirs", "--overwrite", "--field-manager=someone")
    subject.refresh()
    with pytest.raises(automation.CommandError, match="server-side apply field conflict detected"):
        subject.up()
    annotations["pulumi.com/patchForce"] = "true"
    subject.up()
    assert kubectl.field("serviceaccount/taken", "{.metadata.labels.k}") == "ours"


def test_keys_removed_from_the_program_disappear_from_the_cluster(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    data = {"a": "1", "b": "2"}

    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider(mutable=True))
        k8s.core.v1.ConfigMap(
            "keys", metadata={"name": "keys", "namespace": kubectl.namespace}, data=dict(data), opts=options
        )

    subject = stack(program)
    subject.up()
    del data["b"]
    assert subject.up().get("update") == 1, "a mutable ConfigMap is updated, not replaced"
    assert json.loads(kubectl.field("configmap/keys", "{.data}")) == {"a": "1"}


def test_secret_data_is_encrypted_in_the_state(kubectl: Kubectl, stack: Stacks, provider: Providers) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider())
        metadata = {"name": "hidden", "namespace": kubectl.namespace}
        k8s.core.v1.Secret("hidden", metadata=metadata, string_data={"p": CANARY}, opts=options)
        shown = {"p": pulumi.Output.secret(CANARY), "open": "readable"}
        k8s.core.v1.ConfigMap("half", metadata={**metadata, "name": "half"}, data=shown, opts=options)

    subject = stack(program)
    subject.up()
    subject.refresh()
    encoded = kubectl.field("secret/hidden", "{.data.p}")
    state = subject.state()
    assert CANARY not in state and encoded not in state, "neither in clear nor in base64"
    assert "readable" in state, "only what is secret is encrypted"
    assert CANARY not in subject.said()


def test_a_generated_secret_is_made_once_and_never_in_clear(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    metadata = {"name": "generated", "namespace": kubectl.namespace}
    item: KubeObject = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "stringData": {"password": GENERATED},
    }

    def program() -> None:
        declare([item], Scope(provider()))

    subject = stack(program)
    subject.up()
    encoded = kubectl.field("secret/generated", "{.data.password}")
    password = base64.b64decode(encoded).decode()
    assert len(password) >= 40
    assert set(subject.preview()) == set(subject.up()) == {"same"}
    assert kubectl.field("secret/generated", "{.data.password}") == encoded
    for text in (subject.state(), subject.said()):
        assert password not in text and encoded not in text, "neither in clear nor in base64"


def test_an_object_that_exists_is_an_error_with_advice_unless_upserting(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    upsert = False

    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider(upsert=upsert))
        metadata = {"name": "there", "namespace": kubectl.namespace}
        k8s.core.v1.ConfigMap("there", metadata=metadata, data={"a": "ours"}, opts=options)

    kubectl.run("create", "configmap", "there", "--from-literal=a=theirs")
    subject = stack(program)
    with pytest.raises(automation.CommandError, match="upsertExistingObjects"):
        subject.up()
    kubectl.run("delete", "configmap", "there")
    kubectl.run("create", "configmap", "there", "--from-literal=b=x", "--field-manager=kubectl")
    upsert = True
    subject.up()
    assert json.loads(kubectl.field("configmap/there", "{.data}")) == {"a": "ours"}
    assert set(subject.preview()) == {"same"}


def test_a_deployment_that_never_becomes_ready_is_recorded_and_healed_by_the_next_up(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    image = "127.0.0.1:5000/nosuch/image:1"

    def program() -> None:
        options = pulumi.ResourceOptions(
            provider=provider(), custom_timeouts=pulumi.CustomTimeouts(create="12s", update="60s")
        )
        k8s.apps.v1.Deployment(
            "sick",
            metadata={"name": "sick", "namespace": kubectl.namespace},
            spec=deployment_body({"app": "sick"}, image),
            opts=options,
        )

    subject = stack(program)
    with pytest.raises(automation.CommandError, match="'sick' timed out waiting to be Ready") as failure:
        subject.up()
    assert "Minimum number of live Pods was not attained" in str(failure.value)
    assert "[Pod sick-" in str(failure.value), "the Pod's own problem is named"
    assert "sick" in subject.state(), "the object is recorded although it failed"
    image = IMAGE
    assert subject.up().get("update") == 1
    assert kubectl.field("deployment/sick", "{.status.readyReplicas}") == "1"


def test_skip_await_returns_at_once(kubectl: Kubectl, stack: Stacks, provider: Providers) -> None:
    def program() -> None:
        metadata = {
            "name": "skipped",
            "namespace": kubectl.namespace,
            "annotations": {"pulumi.com/skipAwait": "true"},
        }
        spec = deployment_body({"app": "skipped"}, "127.0.0.1:5000/nosuch/image:1")
        options = pulumi.ResourceOptions(provider=provider())
        k8s.apps.v1.Deployment("skipped", metadata=metadata, spec=spec, opts=options)

    subject = stack(program)
    assert subject.up().get("create") == 3
    assert set(subject.preview()) == {"same"}


def test_ignored_replicas_stay_with_whoever_scales(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    environment = "1"

    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider(), ignore_changes=["spec.replicas"])
        spec = deployment_body({"app": "scaled"})
        spec["template"]["spec"]["containers"][0]["env"] = [{"name": "E", "value": environment}]  # type: ignore[index]
        metadata = {"name": "scaled", "namespace": kubectl.namespace}
        k8s.apps.v1.Deployment("scaled", metadata=metadata, spec=spec, opts=options)

    subject = stack(program)
    subject.up()
    kubectl.run("scale", "deployment/scaled", "--replicas=2")
    kubectl.run("rollout", "status", "deployment/scaled", "--timeout=60s")
    subject.refresh()
    assert set(subject.preview()) == {"same"}
    environment = "2"
    assert subject.up().get("update") == 1
    assert kubectl.field("deployment/scaled", "{.spec.replicas}") == "2"


def test_kinds_outside_the_subset_are_refused_by_name(
    kubectl: Kubectl, stack: Stacks, provider: Providers
) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider())
        k8s.batch.v1.Job("job", metadata={"namespace": kubectl.namespace}, spec={}, opts=options)

    with pytest.raises(automation.CommandError, match=r"kubernetes:batch/v1:Job .* is not served"):
        stack(program).preview()


def test_without_a_cluster_a_preview_works_and_up_names_the_address(stack: Stacks, tmp_path: Path) -> None:
    config = tmp_path / "nowhere.yaml"
    config.write_text(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:9'}}]\n"
    )

    def program() -> None:
        nowhere = k8s.Provider("nowhere", kubeconfig=str(config))
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, opts=pulumi.ResourceOptions(provider=nowhere))

    subject = stack(program)
    assert subject.preview().get("create") == 3
    with pytest.raises(automation.CommandError, match=r"cluster is unreachable: https://127\.0\.0\.1:9"):
        subject.up()


INTERRUPTED = """
import sys, pulumi, pulumi_kubernetes as k8s
from pulumi import automation
config, namespace, folder, image = sys.argv[1:]
def program():
    provider = k8s.Provider("cluster", kubeconfig=config, upsert_existing_objects=True)
    labels = {"app": "cut"}
    k8s.apps.v1.Deployment("cut", metadata={"name": "cut", "namespace": namespace}, spec={
        "replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "image": image}]}}},
        opts=pulumi.ResourceOptions(provider=provider))
options = automation.LocalWorkspaceOptions(work_dir=folder)
stack = automation.create_or_select_stack(stack_name="cut", project_name="cut", program=program, opts=options)
stack.up(on_output=print) if image != "-" else print(stack.destroy())
"""


def test_a_killed_up_leaves_no_plugin_and_recovers(
    cluster: Path, kubectl: Kubectl, environment: dict[str, str], tmp_path: Path
) -> None:
    variables = {**os.environ, **environment}
    script = tmp_path / "cut.py"
    script.write_text(INTERRUPTED)

    def command(image: str) -> list[str]:
        return [sys.executable, str(script), str(cluster), kubectl.namespace, str(tmp_path), image]

    def pulumi_command(*arguments: str) -> None:
        words = ["pulumi", *arguments, "--stack=cut", "--non-interactive"]
        subprocess.run(words, cwd=tmp_path, env=variables, check=True, capture_output=True)

    first = subprocess.Popen(
        command("127.0.0.1:5000/nosuch/image:1"),
        env=variables,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    eventually(lambda: "deployment.apps/cut" in kubectl.names("deployments"), "the Deployment is created")
    engines = processes(environment["PULUMI_HOME"], "pulumi", "up")
    for engine in engines:
        os.kill(engine, signal.SIGKILL)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert engines, "there was an engine to kill"
    eventually(lambda: not processes(environment["PULUMI_HOME"], "embedded.plugins"), "the plugins end")

    pulumi_command("cancel", "--yes")
    pulumi_command("refresh", "--yes", "--clear-pending-creates")
    subprocess.run(command(IMAGE), env=variables, check=True, capture_output=True)
    assert kubectl.field("deployment/cut", "{.status.readyReplicas}") == "1"
    subprocess.run(command("-"), env=variables, check=True, capture_output=True)
    assert "deployment.apps/cut" not in kubectl.names("deployments")


def processes(home: str, *words: str) -> list[int]:
    """Processes of this test's PULUMI_HOME whose command line has all the words."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            ours = f"PULUMI_HOME={home}".encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if ours and all(word in line for word in words):
            found.append(int(folder.name))
    return found


def eventually(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"waited 60 s in vain until {what}"
        time.sleep(0.2)


def test_forty_objects_without_a_change_need_seconds_only(
    kubectl: Kubectl, stack: Stacks, provider: Providers, record_property: Callable[[str, object], None]
) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(provider=provider())
        for number in range(40):
            metadata = {"name": f"many-{number}", "namespace": kubectl.namespace}
            k8s.core.v1.ConfigMap(f"many-{number}", metadata=metadata, data={"a": "b"}, opts=options)

    subject = stack(program)
    created = timed(subject.up)
    previewed, repeated = timed(subject.preview), timed(subject.up)
    figures = f"up {created:.1f} s, no-change preview {previewed:.1f} s, no-change up {repeated:.1f} s"
    record_property("forty objects", figures)
    print(figures)
    assert set(subject.preview()) == {"same"}


def timed(operation: Callable[[], object]) -> float:
    start = time.monotonic()
    operation()
    return time.monotonic() - start
