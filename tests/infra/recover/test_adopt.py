"""What becomes of a state when it is compared with the cluster."""

import json

from infra.recover.adopt import UNKNOWN_ID, Found, field_manager, plan, with_adopted
from stack.kube import KubeObject
from stack.recorded import SECRET, objects, part, resources
from tests.infra.recover import states
from tests.infra.recover.states import ACCOUNT, SERVICE, SPACE


def adopted(
    *found: Found, planned: tuple[KubeObject, ...] = (), kept: tuple[KubeObject, ...] = ()
) -> KubeObject:
    return with_adopted(states.deployment(*kept), found, planned)


def test_what_was_created_and_not_recorded_is_recorded_as_it_was_declared() -> None:
    begun = states.planned(SERVICE)
    state = with_adopted(
        states.deployment(states.recorded(SPACE), pending=(("creating", begun),)),
        [Found(begun, states.live(SERVICE))],
    )
    assert state["pending_operations"] == []
    last = resources(state)[-1]
    assert (last["id"], last["inputs"]) == ("emotion-cut-off/tensorflow-serving", SERVICE)
    assert [each.key.kind for each in objects(state)] == ["Namespace", "Service"]


def test_an_adopted_object_stays_with_the_field_manager_that_created_it() -> None:
    state = adopted(Found(states.planned(SERVICE), states.live(SERVICE)))
    assert part(resources(state)[-1], "outputs")["__fieldManager"] == states.MANAGER
    assert field_manager({"metadata": {"name": "a"}}) == ""


def test_what_was_not_created_is_forgotten() -> None:
    state = with_adopted(states.deployment(pending=(("creating", states.planned(SERVICE)),)), [])
    assert resources(state) == list(states.FRAME)


def test_an_entry_that_the_state_has_already_is_not_doubled() -> None:
    state = adopted(Found(states.planned(SPACE), states.live(SPACE)), kept=(states.recorded(SPACE),))
    assert len(objects(state)) == 1


def test_an_object_that_is_replaced_just_now_is_recorded_beside_the_old_one() -> None:
    old = states.recorded(SERVICE, delete=True)
    state = adopted(Found(states.planned(SERVICE), states.live(SERVICE)), kept=(old,))
    assert [each.get("delete", False) for each in resources(state)[-2:]] == [True, False]


def test_dependencies_that_the_state_does_not_have_are_dropped() -> None:
    space = states.recorded(SPACE)
    wanted = [space["urn"], states.urn("x:y:Z", "gone")]
    begun = states.planned(SERVICE, dependencies=wanted, propertyDependencies={"spec": wanted})
    last = resources(adopted(Found(begun, states.live(SERVICE)), kept=(space,)))[-1]
    assert last["dependencies"] == [space["urn"]]
    assert last["propertyDependencies"] == {"spec": [space["urn"]]}


def test_a_lost_state_is_made_anew_with_what_the_objects_hang_on_and_nothing_else() -> None:
    provider = states.entry(
        states.PROVIDER, custom=True, id="", inputs={"context": "embedded"}, parent=states.ROOT
    )
    other = states.entry(states.urn("emotion-serving:infra:Part", "grafana"), parent=states.ROOT)
    frame = (states.FRAME[0], provider, states.FRAME[2], other)
    service = states.planned(SERVICE, provider=f"{states.PROVIDER}::{UNKNOWN_ID}")
    account = states.planned(ACCOUNT, provider=f"{states.PROVIDER}::{UNKNOWN_ID}")
    state = with_adopted(
        {"resources": []}, [Found(service, states.live(SERVICE))], (*frame, account, service)
    )
    made = {str(each["urn"]): each for each in resources(state)}
    assert list(made) == [states.ROOT, states.PROVIDER, states.PART, str(service["urn"])]
    identity = made[states.PROVIDER]["id"]
    assert identity not in ("", UNKNOWN_ID)
    assert made[str(service["urn"])]["provider"] == f"{states.PROVIDER}::{identity}"


def test_a_secret_that_a_plan_hides_keeps_the_value_that_it_has_in_the_cluster_and_it_is_encrypted() -> None:
    declared = states.inputs("Secret", "grafana", data="[secret]")
    there = states.live(states.inputs("Secret", "grafana", data={"password": "Y2FuYXJ5"}))
    last = resources(adopted(Found(states.planned(declared), there)))[-1]
    data = part(last, "inputs", "data")
    assert SECRET in data
    assert json.loads(str(data["plaintext"])) == {"password": "Y2FuYXJ5"}
    outputs = part(last, "outputs")
    assert "Y2FuYXJ5" not in json.dumps({key: value for key, value in outputs.items() if key != "__inputs"})


def test_only_what_a_preview_would_create_is_planned() -> None:
    new = states.planned(SERVICE)
    steps: list[KubeObject] = [{"op": "same", "newState": {}}, {"op": "create", "newState": new}]
    assert plan(steps) == [new]
