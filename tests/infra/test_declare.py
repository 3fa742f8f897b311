"""How objects are handed over to Pulumi: whose their fields are."""

import pytest
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import Namespace

from infra.declare import constructor, ignored, owned
from stack.kube import GENERATED, KINDS, KubeObject

DEPLOYMENT: KubeObject = {"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 3}}


@pytest.mark.parametrize(("version", "kind"), KINDS)
def test_every_kind_has_a_class(version: str, kind: str) -> None:
    assert callable(constructor(version, kind))


def test_a_class_is_that_of_its_group_and_version() -> None:
    assert constructor("v1", "Namespace") is Namespace
    assert constructor("apps/v1", "Deployment") is Deployment


def test_what_somebody_else_has_set_is_put_back() -> None:
    service: KubeObject = {"kind": "Service", "metadata": {"name": "a", "annotations": {"b": "c"}}}
    assert owned(service)["metadata"] == {
        "name": "a",
        "annotations": {"b": "c", "pulumi.com/patchForce": "true"},
    }
    assert service["metadata"] == {"name": "a", "annotations": {"b": "c"}}


def test_a_number_of_pods_that_is_left_to_an_autoscaler_stays_as_it_was() -> None:
    assert ignored(DEPLOYMENT) == []
    assert ignored({**DEPLOYMENT, "spec": {}}) == ["spec.replicas"]


def test_a_generated_value_stays_as_it_was() -> None:
    assert ignored({"kind": "Secret", "stringData": {"password": GENERATED}}) == ["data"]
    assert ignored({"kind": "Secret", "stringData": {"password": "mine"}}) == []
