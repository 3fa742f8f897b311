"""An autoscaler's unknown metric has a cause with a name, the most fundamental first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.errors import ClusterError
from bench.subject.autoscalers import local_report, look, render
from bench.subject.cluster import Cluster
from bench.subject.objects import Condition, Scaled
from bench.subject.unknown import Scene, cause
from tests.bench.scenes import NOW, autoscaler, deployment, pod

FAILED = Condition("False", "FailedGetResourceMetric", "no metrics returned from resource metrics API")
BLIND = replace(autoscaler("torchserve"), seen=None, conditions={"ScalingActive": FAILED})
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


BY_KEDA = replace(
    autoscaler("torchserve"), name="keda-hpa-torchserve", external="s0-prometheus", seen=1.5, target=2.0
)
SOURCE = Scaled("emotion-demo", "torchserve", "torchserve", {})
FED = replace(
    SCENE,
    autoscalers=(BY_KEDA,),
    metrics_api=None,
    external_api=Condition("True", "Passed", "all checks passed"),
    scaled=(SOURCE,),
)
UNFED = replace(
    BY_KEDA,
    seen=None,
    conditions={
        "ScalingActive": Condition("False", "FailedGetExternalMetric", "unable to get external metric")
    },
)
NOT_READY = Condition("False", "ScaledObjectCheckFailed", "wrong triggers")
FALLBACK = Condition("True", "FallbackExists", "At least one trigger is falling back on this scaled object")
EXTERNAL_CAUSES: Mapping[str, tuple[Scene, str]] = {
    "no deployment": (replace(FED, deployments=()), "its Deployment torchserve does not exist"),
    "no KEDA": (
        replace(FED, external_api=None),
        "no KEDA: there is no APIService v1beta1.external.metrics.k8s.io; deploy it: pulumi config set "
        "--path platform.keda.enabled true --stack minikube && make up",
    ),
    "KEDA down": (
        replace(FED, external_api=Condition("False", "MissingEndpoints", "no endpoints for service keda")),
        "KEDA is down: MissingEndpoints: no endpoints for service keda",
    ),
    "fallback": (
        replace(FED, scaled=(replace(SOURCE, conditions={"Fallback": FALLBACK}),)),
        "Prometheus gives KEDA no value, so that its fallback holds the pods",
    ),
    "not ready": (
        replace(FED, scaled=(replace(SOURCE, conditions={"Ready": NOT_READY}),)),
        "KEDA cannot serve its ScaledObject: ScaledObjectCheckFailed: wrong triggers",
    ),
    "anything else": (FED, "FailedGetExternalMetric: unable to get external metric"),
}


@pytest.mark.parametrize(("scene", "expected"), EXTERNAL_CAUSES.values(), ids=EXTERNAL_CAUSES.keys())
def test_an_unknown_metric_of_keda_has_its_cause(scene: Scene, expected: str) -> None:
    assert expected in str(cause(UNFED, scene))


def test_a_known_metric_of_keda_needs_neither_a_cause_nor_a_metrics_server() -> None:
    assert cause(BY_KEDA, FED) is None


def test_the_value_that_a_fallback_makes_up_is_not_taken_for_known() -> None:
    scene = replace(FED, scaled=(replace(SOURCE, conditions={"Fallback": FALLBACK}),))
    assert "fallback holds the pods" in str(cause(BY_KEDA, scene))
    assert "<unknown> / 2 " in render(scene)


def test_the_table_shows_the_load_for_each_pod() -> None:
    (line,) = [line for line in render(FED).splitlines() if "keda-hpa-torchserve" in line]
    assert " 1.5 / 2 " in line


def test_a_scaled_object_without_an_autoscaler_is_a_line_of_its_own() -> None:
    (line,) = [line for line in render(replace(FED, autoscalers=())).splitlines() if "torchserve" in line]
    assert "KEDA has made no autoscaler of it" in line


def test_a_known_metric_needs_no_cause() -> None:
    assert cause(autoscaler("torchserve"), SCENE) is None


def test_a_metric_left_from_before_the_failure_is_not_taken_for_known() -> None:
    stale = replace(autoscaler("torchserve"), seen=20, conditions={"ScalingActive": FAILED})
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
    known = replace(autoscaler("tensorflow"), seen=169, desired=2)
    lines = render(replace(SCENE, autoscalers=(known, BLIND), metrics_api=DOWN)).splitlines()
    assert lines[0] == "Autoscalers"
    assert " ".join(lines[2].split()) == "emotion-demo tensorflow-serving 169% / 50% 1 2 1 2 known"
    assert "<unknown> / 50%" in lines[3]
    assert "unknown: metrics-server is down: MissingEndpoints" in lines[3]


def test_without_autoscalers_the_table_says_none() -> None:
    assert render(replace(SCENE, autoscalers=())) == "Autoscalers\n  none"


@pytest.mark.parametrize("known", [[], ["somebody-elses"]])
def test_a_machine_without_a_local_cluster_gets_a_sentence_and_no_error(known: list[str]) -> None:
    assert local_report(known).startswith("Autoscalers\n  not known: kubeContexts: expected")


def test_a_cluster_that_does_not_answer_gets_a_sentence_and_no_error() -> None:
    def dead(context: str) -> Cluster:
        raise ClusterError(f'context "{context}" does not answer')

    told = local_report(["embedded"], dead)
    assert told == 'Autoscalers\n  not known: context "embedded" does not answer'


class Served(Cluster):
    """A cluster that answers by the last word of the path."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self.answers = answers

    def get(self, path: str) -> object:
        return self.answers[path.partition("?")[0].rpartition("/")[2]]

    def find(self, path: str) -> object:
        return self.get(path)


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
            "v1beta1.external.metrics.k8s.io": None,
            "scaledobjects": None,
            "pods": empty,
        }
    )
    everything = look(served, None)
    assert [each.namespace for each in everything.autoscalers] == ["emotion-a", "emotion-b"]
    assert everything.metrics_api == Condition("True", "Passed", "")
    one = look(served, ("emotion-b",))
    assert [each.namespace for each in one.autoscalers] == ["emotion-b"]
