"""Mending a stack: what of an interrupted `pulumi up` is adopted and what is forgotten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import recover

DEPLOYMENT = (
    "urn:pulumi:minikube::emotion-serving::A$kubernetes:apps/v1:Deployment::emotion-minikube/torchserve"
)
IMAGE = "urn:pulumi:minikube::emotion-serving::A$docker:index/image:Image::emotion-torchserve"


def operation(urn: str, kind: str, type_: str) -> dict[str, object]:
    metadata = {"name": "torchserve", "namespace": "emotion-minikube"}
    return {"resource": {"urn": urn, "type": kind, "inputs": {"metadata": metadata}}, "type": type_}


def test_a_healthy_stack_has_nothing_to_settle() -> None:
    assert recover.pending_operations({"resources": []}) == ()


def test_an_object_that_was_being_created_can_be_adopted() -> None:
    state: dict[str, object] = {
        "pending_operations": [
            operation(DEPLOYMENT, "kubernetes:apps/v1:Deployment", "creating"),
            operation(IMAGE, "docker:index/image:Image", "creating"),
            operation(DEPLOYMENT, "kubernetes:apps/v1:Deployment", "deleting"),
        ]
    }
    found = recover.pending_operations(state)
    assert [item.object_id for item in found] == ["emotion-minikube/torchserve", "", ""]


def test_what_exists_is_adopted_and_the_rest_forgotten() -> None:
    pending = (
        recover.Pending(DEPLOYMENT, "creating", "emotion-minikube/torchserve"),
        recover.Pending(IMAGE, "creating", ""),
    )
    assert recover.refresh_arguments(pending, [DEPLOYMENT]) == [
        f"--import-pending-creates={DEPLOYMENT}",
        "--import-pending-creates=emotion-minikube/torchserve",
        "--clear-pending-creates",
    ]
    assert recover.refresh_arguments(pending, []) == ["--clear-pending-creates"]


@pytest.mark.parametrize("alive", [True, False])
def test_only_a_dead_processs_lock_is_dropped(
    alive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock = tmp_path / ".pulumi/locks/organization/emotion-serving/minikube/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": os.getpid() if alive else ended.pid}))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    assert recover.dead_lock("minikube") is not alive
    assert not recover.dead_lock("another")
