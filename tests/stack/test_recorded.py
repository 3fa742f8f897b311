"""What an exported state says of a stack."""

import pytest

from stack import recorded
from stack.kube import KINDS
from stack.recorded import Key
from tests.infra.recover import states
from tests.infra.recover.states import SERVICE, SPACE
from tests.rules.stacks import all_stacks

STATE = states.deployment(
    states.recorded(SPACE),
    pending=(("creating", states.planned(SERVICE)), ("updating", states.entry(states.PART))),
)


def test_only_kubernetes_objects_are_objects() -> None:
    assert [each.key for each in recorded.objects(STATE)] == [Key("v1", "Namespace", "", states.NAMESPACE)]


def test_what_was_under_way_is_told_by_kind_and_name() -> None:
    assert [str(each) for each in recorded.pending(STATE)] == [
        "creating Service emotion-cut-off/tensorflow-serving",
        "updating serving",
    ]


def test_a_stack_that_was_never_up_has_nothing() -> None:
    assert recorded.objects({}) == ()
    assert recorded.pending({}) == ()
    assert recorded.context({}) == ""


def test_the_cluster_is_the_one_that_the_stack_was_deployed_to() -> None:
    assert recorded.context(STATE) == "embedded"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (Key("v1", "Namespace", "", "a"), "/api/v1/namespaces/a"),
        (Key("apps/v1", "Deployment", "a", "b"), "/apis/apps/v1/namespaces/a/deployments/b"),
        (
            Key("networking.k8s.io/v1", "NetworkPolicy", "a", "b"),
            "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/b",
        ),
        (
            Key("gateway.networking.k8s.io/v1", "GatewayClass", "", "b"),
            "/apis/gateway.networking.k8s.io/v1/gatewayclasses/b",
        ),
        (
            Key("gateway.networking.k8s.io/v1", "Gateway", "a", "b"),
            "/apis/gateway.networking.k8s.io/v1/namespaces/a/gateways/b",
        ),
        (
            Key("apiregistration.k8s.io/v1", "APIService", "", "b"),
            "/apis/apiregistration.k8s.io/v1/apiservices/b",
        ),
    ],
)
def test_an_object_has_its_path_in_the_api(key: Key, path: str) -> None:
    assert key.path == path


def test_every_kind_that_is_declared_is_looked_for() -> None:
    rendered = {(item["apiVersion"], item["kind"]) for each in all_stacks() for item in each.objects}
    assert rendered <= set(KINDS)
