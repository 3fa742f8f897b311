"""Names, namespaces, normal forms and refusals, before anything is sent."""

import base64
import re

import pytest

from embedded.plugins.calls import Autonaming, CheckCall
from embedded.plugins.kubernetes import checking, state
from embedded.plugins.kubernetes.kinds import BY_TOKEN, Kind, identifier_of
from embedded.plugins.kubernetes.normalise import annotated, normalised
from embedded.plugins.values import UNKNOWN, Object, Secret, Value, dig, reveal_object

CONFIG_MAP = BY_TOKEN["kubernetes:core/v1:ConfigMap"]
SECRET = BY_TOKEN["kubernetes:core/v1:Secret"]
URN = "urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::settings"


def check(kind: Kind = CONFIG_MAP, *, olds: Object | None = None, **news: Value) -> Object:
    inputs: Object = {"apiVersion": kind.api_version, "kind": kind.name, **news}
    checked = checking.check(CheckCall(URN, kind.token, olds or {}, inputs), kind, "home")
    assert checked.failures == ()
    return checked.inputs


def failures(
    kind: Kind = CONFIG_MAP, autonaming: Autonaming = Autonaming.DEFAULT, **news: Value
) -> list[str]:
    call = CheckCall(URN, kind.token, {}, {**news}, autonaming=autonaming)
    return [
        f"{failure.property}: {failure.reason}" for failure in checking.check(call, kind, "home").failures
    ]


def test_an_object_without_a_name_is_named_after_the_resource() -> None:
    inputs = check()
    assert re.fullmatch(r"settings-[0-9a-f]{8}", str(dig(inputs, "metadata", "name")))
    assert dig(inputs, "metadata", "annotations", checking.AUTONAMED) == "true"
    assert dig(inputs, "metadata", "namespace") == "home"


def test_an_automatic_name_is_kept_and_a_chosen_one_is_not_marked() -> None:
    first = check()
    assert dig(check(olds=first), "metadata", "name") == dig(first, "metadata", "name")
    named = check(metadata={"name": "mine", "namespace": "there"})
    assert named["metadata"] == {"name": "mine", "namespace": "there"}


def test_a_seed_makes_the_name_repeatable() -> None:
    assert state.autoname("x", b"seed") == state.autoname("x", b"seed") != state.autoname("x", b"other")


def test_autonaming_follows_the_user_s_configuration() -> None:
    call = CheckCall(URN, "", {}, {}, autonaming=Autonaming.PROPOSED, proposed_name="mine-1")
    assert dig(checking.check(call, CONFIG_MAP, "home").inputs, "metadata", "name") == "mine-1"
    assert failures(autonaming=Autonaming.DISABLED) == [
        "metadata.name: expected a name, got none; autonaming is disabled"
    ]


def test_a_cluster_wide_object_has_no_namespace() -> None:
    inputs = check(BY_TOKEN["kubernetes:core/v1:Namespace"], metadata={"name": "n", "namespace": "x"})
    assert inputs["metadata"] == {"name": "n"}


def test_unknown_names_stay_unknown() -> None:
    inputs = check(metadata={"name": UNKNOWN, "namespace": UNKNOWN})
    assert inputs["metadata"] == {"name": UNKNOWN, "namespace": UNKNOWN}


@pytest.mark.parametrize(
    ("metadata", "where"),
    [
        ({"generateName": "x-"}, "metadata.generateName"),
        ({"name": "x", "annotations": {"pulumi.com/waitFor": "jsonpath=.x"}}, "pulumi.com/waitFor"),
        ({"name": "x", "annotations": {"pulumi.com/replaceUnready": "true"}}, "pulumi.com/replaceUnready"),
    ],
)
def test_what_is_not_served_is_refused_by_name(metadata: Object, where: str) -> None:
    (failure,) = failures(metadata=metadata)
    assert where in failure


def test_another_api_version_than_the_resource_s_is_refused() -> None:
    (failure,) = failures(metadata={"name": "x"}, apiVersion="v2")
    assert failure == "kind: expected v1 ConfigMap, got v2 ConfigMap"


def test_secret_text_becomes_base64_and_is_always_secret() -> None:
    inputs = check(SECRET, metadata={"name": "s"}, stringData={"p": Secret("x")}, data={"q": "eQ=="})
    assert inputs["data"] == Secret({"q": "eQ==", "p": base64.b64encode(b"x").decode()})
    assert "stringData" not in inputs
    assert failures(SECRET, metadata={"name": "s"}, data={"p": "not base64!"}) == [
        "data.p: expected base64 text"
    ]


def test_what_only_the_server_writes_is_dropped() -> None:
    manifest: Object = {
        "metadata": {"name": "x", "uid": "u", "resourceVersion": "1"},
        "status": {},
        "spec": {},
    }
    assert normalised(manifest) == {"metadata": {"name": "x"}, "spec": {}}


def test_secretness_is_copied_by_place_and_a_list_becomes_secret_as_a_whole() -> None:
    like: Object = {"a": {"b": Secret(1), "c": 1}, "list": [Secret(1), 2]}
    plain: Object = {"a": {"b": 1, "c": 2, "d": 3}, "list": [1, 2], "new": 4}
    assert annotated(plain, like) == {
        "a": {"b": Secret(1), "c": 2, "d": 3},
        "list": Secret([1, 2]),
        "new": 4,
    }


def test_the_state_is_upstream_s_and_is_read_back() -> None:
    inputs: Object = {"apiVersion": "v1", "kind": "Secret", "data": {"p": "eA=="}}
    live: Object = {**inputs, "metadata": {"uid": "u"}}
    recorded = state.record(inputs, live, inputs, "v1", "pulumi-kubernetes-12345678")
    assert recorded["__initialApiVersion"] == "v1"
    assert recorded["__fieldManager"] == "pulumi-kubernetes-12345678"
    assert recorded["data"] == Secret({"p": "eA=="}) == dig(recorded, "__inputs", "data")
    again = state.read(recorded)
    assert (again.inputs, again.live) == (inputs, live)


def test_field_managers_come_from_the_user_the_state_or_chance() -> None:
    chosen: Object = {"metadata": {"annotations": {"pulumi.com/patchFieldManager": "me"}}}
    assert state.field_manager(chosen, "recorded") == "me"
    assert state.field_manager({}, "recorded") == "recorded"
    assert re.fullmatch(r"pulumi-kubernetes-[0-9a-f]{8}", state.field_manager({}))


def test_identifiers_hold_the_namespace_where_there_is_one() -> None:
    assert identifier_of({"metadata": {"namespace": "n", "name": "x"}}) == "n/x"
    assert identifier_of({"metadata": {"name": "x"}}) == "x"


def test_imported_inputs_leave_out_status_and_server_metadata() -> None:
    live: Object = {
        "metadata": {"name": "x", "uid": "u", "annotations": {checking._LAST_APPLIED: "{}"}},
        "data": {"a": "b"},
        "status": {"phase": "x"},
    }
    assert checking.importable(live) == {"metadata": {"name": "x"}, "data": {"a": "b"}}


def test_an_autonamed_object_is_recognised() -> None:
    assert checking.is_autonamed(reveal_object(check()))
    assert not checking.is_autonamed({"metadata": {"name": "x"}})
