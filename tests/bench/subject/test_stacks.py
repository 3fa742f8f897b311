"""What `make status` says of the stacks: what is not as deployed, what was cut off, what does not go."""

from bench.subject.stacks import StackState, obstacles, render
from stack.drift import CHANGED, MISSING, Deviation, Difference
from stack.kube import KubeObject
from stack.recorded import Key

DEPLOYMENT = Key("apps/v1", "Deployment", "emotion-a", "torchserve")
BY_HAND = Difference("spec.replicas", 2, 0, ("kubectl",))


def test_a_stack_that_is_as_deployed_is_one_line() -> None:
    assert render([StackState("a", 20, (), ())], []) == "Stacks\n  a: 20 objects, all as deployed"


def test_every_object_that_is_not_as_deployed_is_told_with_who_did_it_and_the_command() -> None:
    gone = Deviation(Key("v1", "ConfigMap", "emotion-a", "c"), MISSING)
    text = render([StackState("a", 20, (), (gone, Deviation(DEPLOYMENT, CHANGED, (BY_HAND,))))], [])
    assert text.splitlines()[1:] == [
        "  a: 2 of 20 objects are not as deployed; run: make up STACK=a",
        "    ConfigMap emotion-a/c is missing",
        "    Deployment emotion-a/torchserve is changed: spec.replicas: 0 instead of 2 (by kubectl)",
    ]


def test_a_stack_that_was_cut_off_names_the_command_that_mends_it() -> None:
    text = render([StackState("a", 3, ("creating Service emotion-a/torchserve",), ())], [])
    assert "cut off while creating Service emotion-a/torchserve; run: make recover STACK=a" in text


def test_without_stacks_there_is_none() -> None:
    assert render([], []) == "Stacks\n  none"


def namespace(name: str, **metadata: str) -> KubeObject:
    failure = {
        "type": "NamespaceDeletionDiscoveryFailure",
        "status": "True",
        "message": "stale GroupVersion discovery: metrics.k8s.io/v1beta1",
    }
    return {"metadata": {"name": name, **metadata}, "status": {"conditions": [failure]}}


def test_a_namespace_that_does_not_go_says_why_whether_or_not_there_is_an_autoscaler() -> None:
    dying = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    told = obstacles(
        [namespace("emotion-a", **dying), namespace("emotion-b"), namespace("other", **dying)], []
    )
    assert len(told) == 1
    assert told[0].startswith("emotion-a is being deleted: stale GroupVersion discovery")
    assert "kubectl delete apiservice v1beta1.metrics.k8s.io" in told[0]


def test_an_api_that_is_down_is_told_too() -> None:
    condition = {"type": "Available", "status": "False", "reason": "MissingEndpoints", "message": "none"}
    down: KubeObject = {
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "status": {"conditions": [condition]},
    }
    (told,) = obstacles([], [down])
    assert "the API v1beta1.metrics.k8s.io is down" in told
