"""What counts as a change, and what a change does to each kind."""

import pytest

from embedded.plugins import paths
from embedded.plugins.calls import Change, Edit
from embedded.plugins.kubernetes import diff, kinds, quantities
from embedded.plugins.kubernetes.kinds import BY_TOKEN, Mutability
from embedded.plugins.values import UNKNOWN, Object, Value

NONE = Mutability()


def changed(old: Value, new: Value) -> dict[str, str]:
    return {paths.text(change.path): change.edit.value for change in diff.compare(old, new)}


def test_leaves_are_compared_one_by_one() -> None:
    old: Object = {"spec": {"replicas": 1, "paused": True, "list": [{"image": "a"}, "x"]}}
    new: Object = {"spec": {"replicas": 2, "min": 5, "list": [{"image": "b"}]}}
    assert changed(old, new) == {
        "spec.replicas": "update",
        "spec.paused": "delete",
        "spec.min": "add",
        "spec.list[0].image": "update",
        "spec.list[1]": "delete",
    }


def test_a_longer_list_adds_its_tail() -> None:
    assert changed({"a": [1]}, {"a": [1, 2]}) == {"a[1]": "add"}


def test_the_server_s_own_fields_are_pruned_by_the_shape_of_the_inputs() -> None:
    live: Object = {
        "spec": {"a": 1, "defaulted": 2, "list": [{"x": 1, "y": 2}, {"sidecar": 1}]},
        "status": {},
    }
    shape: Object = {"spec": {"a": 0, "list": [{"x": 0}], "gone": 1}}
    assert diff.prune_object(live, shape) == {"spec": {"a": 1, "list": [{"x": 1}]}}


def test_an_unknown_value_is_a_change_since_nobody_can_tell() -> None:
    assert changed({"a": "x"}, {"a": UNKNOWN}) == {"a": "update"}


def test_true_is_not_one() -> None:
    assert changed({"a": 1}, {"a": True}) == {"a": "update"}
    assert changed({"a": 1}, {"a": 1.0}) == {}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("spec.template.spec.containers[0].resources.limits.cpu", "1", "1000m"),
        ("spec.resources.requests.storage", "1Gi", "1024Mi"),
        ("spec.template.spec.containers[0].resources.requests.cpu", "500m", 0.5),
        ("spec.template.spec.volumes[0].emptyDir.sizeLimit", "1k", "1e3"),
        ("spec.metrics[0].resource.target.averageValue", "100M", "100000k"),
    ],
)
def test_equal_quantities_are_no_change(path: str, old: Value, new: Value) -> None:
    assert quantities.equal(paths.parse(path), old, new)
    assert not quantities.equal(paths.parse(path), old, "7")


@pytest.mark.parametrize(
    "path", ["spec.template.spec.containers[0].env[0].value", 'data["limits"]', "data.value"]
)
def test_text_that_looks_like_a_quantity_is_still_text(path: str) -> None:
    assert not quantities.equal(paths.parse(path), "1", "1000m")


@pytest.mark.parametrize("text", ["", "1 Gi", "one", "1Ki2", "--1", "1gi"])
def test_what_is_no_quantity_parses_as_none(text: str) -> None:
    assert quantities.parse(text) is None


REPLACING = {
    "Namespace": (),
    "ConfigMap": ("data.a", "binaryData.a"),
    "Secret": ("data.a", "stringData.a", "type"),
    "ServiceAccount": (),
    "Service": ("spec.clusterIP",),
    "PersistentVolumeClaim": (
        "spec.accessModes[0]",
        "spec.storageClassName",
        "spec.volumeName",
        "spec.selector.matchLabels.a",
    ),
    "Deployment": ("spec.selector.matchLabels.a",),
    "Role": (),
    "RoleBinding": ("roleRef.name",),
    "ClusterRole": (),
    "ClusterRoleBinding": ("roleRef.name",),
    "APIService": (),
    "HorizontalPodAutoscaler": (),
    "NetworkPolicy": (),
    "Ingress": (),
    "PodDisruptionBudget": (),
}
HARMLESS = (
    "metadata.labels.a",
    "spec.replicas",
    "spec.ports[0].port",
    "rules[0].verbs[0]",
    "subjects[0].name",
)


@pytest.mark.parametrize("kind", BY_TOKEN.values(), ids=lambda kind: kind.name)
def test_each_kind_is_replaced_by_what_replaces_it_upstream_and_by_nothing_else(kind: kinds.Kind) -> None:
    expected = {"metadata.name", "metadata.namespace", *REPLACING[kind.name]}
    asked = [Change(paths.parse(text), Edit.UPDATE) for text in (*expected, *HARMLESS)]
    marked = diff.mark_replacements(asked, kinds.replacement_paths(kind, {}, NONE))
    assert {paths.text(change.path) for change in marked if change.replace} == expected


def test_removing_a_parent_of_a_forced_field_replaces_too() -> None:
    forced = kinds.replacement_paths(BY_TOKEN["kubernetes:apps/v1:Deployment"], {}, NONE)
    (marked,) = diff.mark_replacements([Change(("spec",), Edit.DELETE)], forced)
    assert marked.replace


@pytest.mark.parametrize(
    ("token", "live", "switches", "path", "replaces"),
    [
        ("kubernetes:core/v1:ConfigMap", {}, Mutability(config_maps=True), ("data", "a"), False),
        (
            "kubernetes:core/v1:ConfigMap",
            {"immutable": True},
            Mutability(config_maps=True),
            ("data", "a"),
            True,
        ),
        ("kubernetes:core/v1:Secret", {}, Mutability(secrets=True), ("data", "a"), False),
        ("kubernetes:core/v1:Secret", {}, Mutability(secrets=True), ("type",), True),
        ("kubernetes:core/v1:Secret", {"immutable": True}, Mutability(secrets=True), ("data", "a"), True),
    ],
)
def test_switches_make_data_mutable_unless_the_object_is_immutable(
    token: str, live: Object, switches: Mutability, path: paths.Path, replaces: bool
) -> None:
    forced = kinds.replacement_paths(BY_TOKEN[token], live, switches)
    (marked,) = diff.mark_replacements([Change(path, Edit.UPDATE)], forced)
    assert marked.replace is replaces


def test_ignored_paths_hide_their_changes_only() -> None:
    changes = diff.compare({"spec": {"replicas": 1, "a": 1}}, {"spec": {"replicas": 2, "a": 2}})
    kept = diff.without_ignored(changes, [("spec", "replicas")])
    assert [paths.text(change.path) for change in kept] == ["spec.a"]


def test_the_server_s_own_form_explains_a_change_only_where_it_keeps_the_live_value() -> None:
    change = Change(("spec", "d"), Edit.UPDATE)
    assert diff.explained(change, {"spec": {"d": "1m0s"}}, {"spec": {"d": "1m0s"}})
    assert not diff.explained(change, {"spec": {"d": "1m0s"}}, {"spec": {"d": "2m0s"}})


def test_only_other_spellings_and_empty_additions_may_be_noise() -> None:
    new: Object = {"a": "1m", "b": {}, "c": {"x": 1}, "d": UNKNOWN}
    doubts = {
        key: diff.may_be_noise(Change((key,), edit), new)
        for key, edit in (("a", Edit.UPDATE), ("b", Edit.ADD), ("c", Edit.ADD), ("d", Edit.UPDATE))
    }
    assert doubts == {"a": True, "b": True, "c": False, "d": False}
    assert not diff.may_be_noise(Change(("gone",), Edit.DELETE), new)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("kubernetes:core/v1:ConfigMapList", "lists exist for YAML"),
        ("kubernetes:core/v1:ConfigMapPatch", "Patch resources"),
        ("kubernetes:helm.sh/v3:Release", "renders other manifests"),
        ("kubernetes:batch/v1:Job", "outside the embedded subset"),
    ],
)
def test_a_refusal_says_why(token: str, reason: str) -> None:
    assert token not in BY_TOKEN
    assert reason in kinds.reason_to_refuse(token)
