"""Whose fields are whose, and what that does to an update."""

from embedded.plugins.kubernetes import ownership
from embedded.plugins.values import Object, as_list, as_object

MANAGER = "pulumi-kubernetes-12345678"


def entry(manager: str, operation: str, fields: Object, **more: str) -> Object:
    return {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": fields, **more}


def live(*entries: Object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "metadata": {"resourceVersion": "7", "managedFields": list(entries)},
        "spec": {"replicas": 3, "template": {"containers": [{"name": "c", "image": "live"}]}, "set": ["a"]},
    }


CREATED = entry("pulumi-kubernetes", "Update", {"f:spec": {"f:replicas": {}, "f:a": {}}})
APPLIED = entry(MANAGER, "Apply", {"f:spec": {"f:b": {}}})
SCALED = entry("kube-controller-manager", "Update", {"f:spec": {"f:replicas": {}}}, subresource="scale")
OTHER = entry(
    "hpa",
    "Update",
    {"f:spec": {"f:replicas": {}, "f:template": {"f:containers": {'k:{"name":"c"}': {"f:image": {}}}}}},
)


def test_the_fields_of_our_creation_move_to_the_manager_that_applies() -> None:
    patch = ownership.absorbed(live(CREATED, APPLIED, OTHER), MANAGER)
    assert patch is not None
    fields, version = (as_object(step) for step in patch)
    others, ours = as_list(fields["value"])
    assert others == OTHER
    assert as_object(ours)["fieldsV1"] == {"f:spec": {"f:a": {}, "f:b": {}, "f:replicas": {}}}
    assert (as_object(ours)["manager"], as_object(ours)["operation"]) == (MANAGER, "Apply")
    assert version == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}


def test_without_an_apply_entry_the_created_one_becomes_it() -> None:
    patch = ownership.absorbed(live(CREATED), MANAGER)
    assert patch is not None
    (ours,) = as_list(as_object(patch[0])["value"])
    assert as_object(ours) == {**CREATED, "manager": MANAGER, "operation": "Apply"}


def test_other_managers_and_subresources_keep_their_fields() -> None:
    status = entry("pulumi-kubernetes", "Update", {"f:status": {}}, subresource="status")
    assert ownership.absorbed(live(APPLIED, OTHER, SCALED, status), MANAGER) is None


def test_only_an_upsert_takes_what_another_stack_applied() -> None:
    foreign = entry("pulumi-kubernetes-99999999", "Apply", {"f:spec": {}})
    assert ownership.absorbed(live(foreign), MANAGER) is None
    assert ownership.absorbed(live(foreign), MANAGER, other_stacks=True) is not None


def test_ownership_is_looked_up_through_lists_by_their_keys() -> None:
    current = live(CREATED, APPLIED, OTHER)
    image = ("spec", "template", "containers", 0, "image")
    assert ownership.owned_by_others(current, image, MANAGER)
    assert not ownership.owned_by_others(current, (*image[:-1], "args"), MANAGER)
    assert not ownership.owned_by_others(live(CREATED), ("spec", "replicas"), MANAGER)


def test_a_member_of_a_set_is_found_by_its_value_and_an_atomic_parent_owns_all() -> None:
    of_set = entry("x", "Update", {"f:spec": {"f:set": {'v:"a"': {}}}})
    assert ownership.owned_by_others(live(of_set), ("spec", "set", 0), MANAGER)
    atomic = entry("x", "Update", {"f:spec": {"f:template": {}}})
    assert ownership.owned_by_others(live(atomic), ("spec", "template", "containers", 0), MANAGER)


def test_an_ignored_field_is_left_to_its_owner_or_keeps_its_live_value() -> None:
    inputs: Object = {"spec": {"replicas": 1, "a": 1}}
    ignored = (("spec", "replicas"),)
    left = ownership.without_ignored(inputs, live(OTHER), ignored, MANAGER)
    assert left == {"spec": {"a": 1}}
    kept = ownership.without_ignored(inputs, live(CREATED), ignored, MANAGER)
    assert kept == {"spec": {"replicas": 3, "a": 1}}
