"""An autoscaler's unknown metric has a cause with a name, the most fundamental first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bench import autoscalers as report_module
from bench.autoscalers import Scene, cause, render, report
from bench.errors import ClusterError
from bench.objects import Condition
from tests.bench.scenes import NOW, autoscaler, deployment, pod

FAILED = Condition("False", "FailedGetResourceMetric", "no metrics returned from resource metrics API")
BLIND = replace(autoscaler("torchserve"), utilization=None, conditions={"ScalingActive": FAILED})
OLD = replace(pod("torchserve"), ready_since=NOW - timedelta(minutes=10))
SCENE = Scene(
    autoscalers=(BLIND,),
    deployments=(deployment("torchserve"),),
    pods=(OLD, replace(pod("tensorflow"), ready_since=None)),
    metrics_api=Condition("True", "Passed", "all checks passed"),
    now=NOW,
)
WITHOUT_REQUEST = replace(OLD, containers=(replace(OLD.containers[0], requests={"memory": "1Gi"}),))
CREATING = replace(
    OLD, ready_since=None, containers=(replace(OLD.containers[0], waiting="ContainerCreating"),)
)
DOWN = Condition("False", "MissingEndpoints", "no endpoints for service metrics-server")

CAUSES: Mapping[str, tuple[Scene, str]] = {
    "no deployment": (replace(SCENE, deployments=()), "its Deployment torchserve does not exist"),
    "scaled to 0": (
        replace(SCENE, deployments=(replace(deployment("torchserve"), wanted=0),)),
        "is scaled to 0",
    ),
    "no metrics-server": (replace(SCENE, metrics_api=None), "no metrics-server"),
    "metrics-server down": (
        replace(SCENE, metrics_api=DOWN),
        "metrics-server is down: MissingEndpoints: no endpoints for service metrics-server",
    ),
    "no CPU request": (
        replace(SCENE, pods=(WITHOUT_REQUEST,)),
        "no CPU request on container torchserve",
    ),
    "no pod": (replace(SCENE, pods=(pod("tensorflow"),)), "there is no pod yet"),
    "only ending pods": (replace(SCENE, pods=(replace(OLD, ending=True),)), "there is no pod yet"),
    "starting": (
        replace(SCENE, pods=(CREATING,)),
        "no pod is ready yet: torchserve-1 (ContainerCreating)",
    ),
    "not ready": (
        replace(SCENE, pods=(replace(OLD, ready_since=None),)),
        "no pod is ready yet: torchserve-1 (its readiness probe fails)",
    ),
    "too young": (
        replace(SCENE, pods=(replace(OLD, ready_since=NOW - timedelta(seconds=20)),)),
        "metrics are too young: ready for 20 s",
    ),
    "anything else": (SCENE, "FailedGetResourceMetric: no metrics returned from resource metrics API"),
}


@pytest.mark.parametrize(("scene", "expected"), CAUSES.values(), ids=CAUSES.keys())
def test_an_unknown_metric_has_its_cause(scene: Scene, expected: str) -> None:
    found = cause(BLIND, scene)
    assert found is not None
    assert expected in found


def test_a_known_metric_needs_no_cause() -> None:
    assert cause(autoscaler("torchserve"), SCENE) is None


def test_a_metric_left_from_before_the_failure_is_not_taken_for_known() -> None:
    stale = replace(autoscaler("torchserve"), utilization=20, conditions={"ScalingActive": FAILED})
    assert cause(stale, replace(SCENE, metrics_api=DOWN)) is not None


def test_an_autoscaler_that_was_never_looked_at_says_so() -> None:
    fresh = replace(BLIND, conditions={})
    assert cause(fresh, SCENE) == (
        "the autoscaler has not been looked at yet; its controller does so every 15 s"
    )


def test_a_down_metrics_server_outranks_what_it_brings_about() -> None:
    scene = replace(SCENE, metrics_api=DOWN, pods=(CREATING,))
    assert str(cause(BLIND, scene)).startswith("metrics-server is down")


def test_a_pod_of_another_stack_is_no_evidence() -> None:
    scene = replace(SCENE, pods=(replace(WITHOUT_REQUEST, namespace="emotion-other"),))
    assert cause(BLIND, scene) == "there is no pod yet"


def test_the_table_shows_figures_and_the_cause() -> None:
    known = replace(autoscaler("tensorflow"), utilization=169, desired=2)
    lines = render(replace(SCENE, autoscalers=(known, BLIND), metrics_api=DOWN)).splitlines()
    assert lines[0] == "Autoscalers"
    assert " ".join(lines[2].split()) == "emotion-demo tensorflow-serving 169% / 50% 1 2 1 2 known"
    assert "<unknown> / 50%" in lines[3]
    assert "unknown: metrics-server is down: MissingEndpoints" in lines[3]


def test_without_autoscalers_the_table_says_none() -> None:
    assert render(replace(SCENE, autoscalers=())) == "Autoscalers\n  none"


@pytest.mark.parametrize("found", [[], ["somebody-elses"]])
def test_a_machine_without_a_local_cluster_gets_a_sentence_and_no_error(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts = [{"name": name} for name in found]
    monkeypatch.setattr("bench.autoscalers.config.list_kube_config_contexts", lambda: (contexts, None))
    assert report(None).startswith("Autoscalers\n  not known: kubeContexts: expected")


def test_a_cluster_that_does_not_answer_gets_a_sentence_and_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dead(_: str) -> None:
        raise ClusterError('context "embedded" does not answer')

    monkeypatch.setattr(
        "bench.autoscalers.config.list_kube_config_contexts", lambda: ([{"name": "embedded"}], None)
    )
    monkeypatch.setattr(report_module, "Cluster", dead)
    assert report(None) == 'Autoscalers\n  not known: context "embedded" does not answer'


class Served:
    """A cluster that answers by the last word of the path."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self.answers = answers

    def get(self, path: str) -> object:
        return self.answers[path.partition("?")[0].rpartition("/")[2]]

    find = get


def test_only_the_projects_autoscalers_are_looked_at() -> None:
    def named(namespace: str) -> dict[str, object]:
        return {"metadata": {"namespace": namespace, "name": "torchserve"}}

    empty: dict[str, object] = {"items": []}
    served = Served(
        {
            "v1beta1.metrics.k8s.io": {
                "status": {"conditions": [{"type": "Available", "status": "True", "reason": "Passed"}]}
            },
            "horizontalpodautoscalers": {"items": [named("emotion-a"), named("emotion-b"), named("default")]},
            "deployments": empty,
            "pods": empty,
        }
    )
    everything = report_module.look(served, None)  # type: ignore[arg-type]
    assert [each.namespace for each in everything.autoscalers] == ["emotion-a", "emotion-b"]
    assert everything.metrics_api == Condition("True", "Passed", "")
    one = report_module.look(served, ("emotion-b",))  # type: ignore[arg-type]
    assert [each.namespace for each in one.autoscalers] == ["emotion-b"]
