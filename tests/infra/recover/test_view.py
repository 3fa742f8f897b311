"""A stack's state beside its cluster, which is a dictionary here."""

from collections.abc import Iterator, Mapping

import pytest

from infra.recover.errors import RecoverError
from infra.recover.view import View, begun, declared, ending, look, wait
from stack.drift import Find
from stack.kube import KubeObject
from stack.recorded import key_of
from tests.infra.recover import states
from tests.infra.recover.states import ACCOUNT, SERVICE, SPACE, STACK

DYING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def cluster(*items: KubeObject) -> Find:
    """An API server with some objects; lists know the stack's label."""
    single: Mapping[str, object] = {key_of(item).path: item for item in items}

    def find(path: str) -> object | None:
        if "labelSelector=" not in path:
            return single.get(path)
        kind = path.partition("?")[0].rpartition("/")[2]
        return {"items": [item for item in items if key_of(item).path.rpartition("/")[0].endswith(kind)]}

    return find


def seen(state: KubeObject, find: Find) -> View:
    return look(STACK, {"deployment": state}, find)


WHOLE = states.deployment(*map(states.recorded, (SPACE, SERVICE)))
CUT_OFF = states.deployment(states.recorded(SPACE), pending=(("creating", states.planned(SERVICE)),))


def test_a_stack_whose_objects_are_all_there_is_settled() -> None:
    assert seen(WHOLE, cluster(states.live(SPACE), states.live(SERVICE))).settled


@pytest.mark.parametrize(
    ("state", "items"),
    [
        (WHOLE, (states.live(SPACE),)),
        (WHOLE, (states.live(SPACE), states.live(SERVICE, **DYING))),
        (CUT_OFF, (states.live(SPACE),)),
        (WHOLE, (states.live(SPACE), states.live(SERVICE), states.live(ACCOUNT))),
    ],
    ids=["an object is gone", "an object is going", "an operation is pending", "an object is not recorded"],
)
def test_everything_else_is_to_be_settled(state: KubeObject, items: tuple[KubeObject, ...]) -> None:
    assert not seen(state, cluster(*items)).settled


def test_a_field_that_somebody_changed_is_left_for_the_next_up() -> None:
    changed = states.live({**SERVICE, "spec": {"type": "ClusterIP"}})
    found = seen(WHOLE, cluster(states.live(SPACE), changed))
    assert found.settled
    assert "is changed: spec.type" in str(found.deviations[0])


def test_what_a_killed_up_created_is_found_by_looking_not_by_a_flag() -> None:
    there = cluster(states.live(SPACE), states.live(SERVICE))
    (found,) = begun(seen(CUT_OFF, there), there)
    assert found.live == states.live(SERVICE)
    nowhere = cluster(states.live(SPACE))
    assert begun(seen(CUT_OFF, nowhere), nowhere) == []


def test_a_stray_that_the_program_declares_has_its_entry_in_the_plan() -> None:
    planned = (*states.FRAME, states.planned(ACCOUNT), states.planned(SERVICE))
    (found,) = declared(planned, [states.live(ACCOUNT), states.live(states.inputs("Secret", "other"))])
    assert found.entry == states.planned(ACCOUNT)


def test_what_is_being_deleted_is_found_recorded_or_not() -> None:
    dying = [states.live(each, **DYING) for each in (SERVICE, ACCOUNT)]
    find = cluster(states.live(SPACE), *dying)
    assert ending(seen(CUT_OFF, find), find) == dying


def test_what_is_being_deleted_is_waited_for() -> None:
    looks: Iterator[list[KubeObject]] = iter([[states.live(SPACE, **DYING)], []])
    wait(lambda: next(looks))
    assert not list(looks)


def test_what_does_not_end_is_named_with_what_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    message = "stale GroupVersion discovery: metrics.k8s.io/v1beta1"
    condition = {"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "message": message}
    stuck = {**states.live(SPACE, **DYING), "status": {"conditions": [condition]}}
    with pytest.raises(
        RecoverError, match=r"kubectl delete apiservice v1beta1.metrics.k8s.io; it did not end within 0 s"
    ):
        wait(lambda: [stuck], seconds=0)
    with pytest.raises(RecoverError):
        wait(lambda: [stuck], seconds=0.5)
    assert "emotion-cut-off is being deleted; stale" in capsys.readouterr().out, "said while it waits, too"
