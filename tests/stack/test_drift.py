"""In what a cluster differs from a stack's state, and who changed it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from stack import drift
from stack.drift import CHANGED, ENDING, MISSING
from stack.kube import KubeObject
from stack.recorded import SECRET, Key, Recorded, key_of, part
from tests.infra.recover import states

IMAGE = "registry/emotion-tensorflow@sha256:1"
CONTAINER = {
    "name": "server",
    "image": IMAGE,
    "args": ["--a", "--b"],
    "resources": {"limits": {"cpu": "1000m"}},
}
DECLARED = states.inputs(
    "Deployment",
    "tensorflow-serving",
    "apps/v1",
    spec={"replicas": 2, "template": {"spec": {"containers": [CONTAINER]}}},
)
SCALER = states.inputs(
    "HorizontalPodAutoscaler",
    "tensorflow-serving",
    "autoscaling/v2",
    spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tensorflow-serving"}},
)


def recorded(declared: KubeObject) -> Recorded:
    seen = copy.deepcopy(states.live(declared))
    return Recorded("urn", key_of(declared), declared, seen)


def changed(change: Callable[[Any], object], by: str = "kubectl-set", fields: object = None) -> KubeObject:
    """The Deployment after somebody's change."""
    found: Any = copy.deepcopy(states.live(DECLARED))
    change(found)
    found["metadata"]["managedFields"].append({"manager": by, "operation": "Update", "fieldsV1": fields})
    return dict(found)


def container(found: Any) -> Any:
    return found["spec"]["template"]["spec"]["containers"][0]


IMAGE_FIELD: KubeObject = {"f:containers": {'k:{"name":"server"}': {"f:image": {}}}}
OF_IMAGE: KubeObject = {"f:spec": {"f:template": {"f:spec": IMAGE_FIELD}}}


def told(found: KubeObject | None) -> str:
    return str(drift.deviation(recorded(DECLARED), found))


def test_an_object_that_is_as_it_was_deviates_in_nothing() -> None:
    assert drift.deviation(recorded(DECLARED), states.live(DECLARED)) is None


def test_what_is_gone_or_going_is_told() -> None:
    assert told(None) == "Deployment emotion-cut-off/tensorflow-serving is missing"
    dying = states.live(DECLARED, deletionTimestamp="2026-01-01T00:00:00Z")
    assert told(dying) == "Deployment emotion-cut-off/tensorflow-serving is being deleted"


def test_a_changed_field_is_told_with_what_it_was_and_who_changed_it() -> None:
    found = changed(lambda item: container(item).update(image="nginx"), fields=OF_IMAGE)
    assert told(found).endswith(
        "is changed: spec.template.spec.containers[server].image: "
        f'"nginx" instead of "{IMAGE}" (by kubectl-set)'
    )


def test_a_field_that_is_gone_is_a_change() -> None:
    assert "spec.replicas: nothing instead of 2" in told(changed(lambda item: item["spec"].pop("replicas")))


def test_a_list_is_compared_as_a_whole() -> None:
    found = changed(lambda item: container(item)["args"].append("--c"))
    assert 'args: ["--a", "--b", "--c"] instead of ["--a", "--b"]' in told(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item["metadata"]["labels"].update(theirs="1"),
        lambda item: item["spec"]["template"]["spec"]["containers"].insert(0, {"name": "sidecar"}),
        lambda item: item.update(status={"replicas": 1}),
        lambda item: container(item)["resources"]["limits"].update(cpu="1"),
    ],
    ids=["a label", "a container before ours", "a status", "another spelling"],
)
def test_what_others_add_or_spell_otherwise_is_no_change(change: Callable[[Any], object]) -> None:
    assert drift.deviation(recorded(DECLARED), changed(change)) is None


def test_the_replicas_of_an_autoscaled_deployment_are_the_autoscalers() -> None:
    scaled = drift.autoscaled([recorded(DECLARED), recorded(SCALER)])
    more = changed(lambda item: item["spec"].update(replicas=5))
    assert drift.deviation(recorded(DECLARED), more, scaled) is None


def test_those_of_a_deployment_that_keda_scales_are_not_compared_either() -> None:
    inputs = {**SCALER, "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}
    scaled = drift.autoscaled([recorded(DECLARED), recorded(inputs)])
    assert scaled == drift.autoscaled([recorded(SCALER)]) != frozenset()


def test_an_encrypted_value_is_not_compared() -> None:
    secret = states.inputs("Secret", "grafana", data={SECRET: "1", "ciphertext": "v1:"})
    there = states.live({**secret, "data": {"password": "eA=="}})
    assert drift.deviation(Recorded("urn", key_of(secret), secret, {}), there) is None


@pytest.mark.parametrize(
    ("fields", "path", "owned"),
    [
        (OF_IMAGE, ("spec", "template", "spec", "containers", "server", "image"), True),
        (OF_IMAGE, ("spec", "template", "spec", "containers", "server", "args"), False),
        (OF_IMAGE, ("spec", "replicas"), False),
        ({"f:spec": {"f:replicas": {}}}, ("spec", "replicas"), True),
        ({"f:spec": {}}, ("spec", "anything", "below"), True),
        (None, ("spec",), False),
    ],
)
def test_a_set_of_fields_holds_what_its_manager_has_set(
    fields: object, path: drift.Path, owned: bool
) -> None:
    assert drift.owns(fields, states.live(DECLARED), path) is owned


def test_every_recorded_object_is_looked_up() -> None:
    found = {key_of(DECLARED).path: changed(lambda item: container(item).update(image="nginx"))}
    seen = drift.compare([recorded(DECLARED), recorded(SCALER)], found.get)
    assert {each.key.kind: each.what for each in seen} == {
        "Deployment": CHANGED,
        "HorizontalPodAutoscaler": MISSING,
    }
    assert ENDING not in {each.what for each in seen}


def test_what_carries_the_label_and_is_not_recorded_is_found() -> None:
    asked = list[str]()

    def find(path: str) -> object | None:
        asked.append(path)
        listed = json.loads(json.dumps({"items": [states.live(states.SERVICE), states.live(states.SPACE)]}))
        return listed if "services" in path else None

    known = [recorded(states.SPACE)]
    kinds = (("v1", "Service"), ("apps/v1", "Deployment"))
    (found,) = [item for item in drift.strays("cut-off", known, kinds, find) if item["kind"] == "Service"][:1]
    assert key_of(found) == Key("v1", "Service", states.NAMESPACE, "tensorflow-serving")
    assert "/api/v1/services?labelSelector=app.kubernetes.io/instance%3Dcut-off" in asked


def test_what_another_object_owns_goes_with_it_and_is_no_stray() -> None:
    """KEDA's autoscaler carries the labels of its ScaledObject."""
    service = states.live(states.SERVICE)
    owned = {
        **service,
        "metadata": {**part(service, "metadata"), "ownerReferences": [{"kind": "ScaledObject"}]},
    }
    listed = {"items": [owned]}
    assert drift.strays("cut-off", (), (("v1", "Service"),), lambda _: listed) == []


def test_only_fields_that_somebody_else_has_set_are_taken() -> None:
    def found(item: KubeObject) -> str:
        return "; ".join(map(str, drift.taken([DECLARED], {key_of(DECLARED).path: item}.get)))

    other = changed(lambda item: container(item).update(image="nginx"), fields=OF_IMAGE)
    assert "(by kubectl-set)" in found(other)
    ours = changed(
        lambda item: container(item).update(image="nginx"), by="pulumi-kubernetes-1", fields=OF_IMAGE
    )
    assert not found(ours)
    assert not found(changed(lambda _: None, fields=OF_IMAGE))
