"""What --set means: every combination of values, of a stack's settings and of what no stack can set."""

import pytest

from bench.errors import OptionError
from bench.whatif.candidates import of
from bench.whatif.hpa import CpuLoop
from bench.whatif.keda import Activation, MetricLoop
from bench.whatif.pace import PODS, Policy
from bench.whatif.vpa import Recommender, Updater
from stack.files import path, stack_settings
from stack.schema import SettingsError

TWENTY = ",".join(map(str, range(1, 21)))
STACK = stack_settings(path("tf-hpa-plain"))


def test_a_stack_as_it_is_has_its_own_autoscaler() -> None:
    (made,) = of(STACK, [])
    assert (made.name, made.changes, made.is_a_stack) == ("as it is", {}, True)
    (loop,) = made.scaler.loops
    assert isinstance(loop, CpuLoop)
    assert (loop.request, loop.target, loop.bounds) == (0.35, 80.0, (1, 2))
    assert loop.pace.up.policies == (Policy(PODS, 4, 15.0),)


def test_every_combination_is_tried() -> None:
    made = of(STACK, ["autoscaling.targetCpuUtilization=25,50", "autoscaling.maxReplicas=2,4"])
    assert [(each.scaler.target, each.scaler.most) for each in made] == [(25, 2), (25, 4), (50, 2), (50, 4)]
    assert made[1].name == "targetCpuUtilization=25, maxReplicas=4"
    assert made[1].settings.autoscaling is not None
    assert made[1].settings.autoscaling.max_replicas == 4
    assert made[0].settings.resources.cpu_limit == "700m", "what is not set stays"


def test_names_are_whole_where_their_ends_are_the_same() -> None:
    sets = [f"autoscaling.behavior.{way}.pods=2" for way in ("scaleUp", "scaleDown")]
    (made,) = of(STACK, sets)
    assert made.name == "autoscaling.behavior.scaleUp.pods=2, autoscaling.behavior.scaleDown.pods=2"


def test_scalers_are_compared_and_none_is_told_what_is_anothers() -> None:
    made = of(STACK, ["scaler=hpa,keda,none", "keda.target=4,8"])
    assert [each.name for each in made] == [
        "scaler=hpa",
        "scaler=keda, target=4",
        "scaler=keda, target=8",
        "scaler=none",
    ]
    assert [each.is_a_stack for each in made] == [True, False, False, False]
    metric, operator = made[1].scaler.loops
    assert isinstance(metric, MetricLoop)
    assert isinstance(operator, Activation)
    assert (metric.target, metric.bounds, operator.period) == (4.0, (1, 2), 30.0)


def test_a_stacks_own_tolerance_comes_before_the_clusters() -> None:
    (made,) = of(STACK, ["autoscaling.behavior.scaleUp.tolerancePercent=2", "hpa.tolerancePercent=50"])
    (loop,) = made.scaler.loops
    assert isinstance(loop, CpuLoop)
    assert (loop.tolerance.up, loop.tolerance.down) == (0.02, 0.5)


def test_what_the_cluster_sets_is_tried_too() -> None:
    (made,) = of(STACK, ["hpa.syncSeconds=5", "hpa.tolerancePercent=0"])
    (loop,) = made.scaler.loops
    assert isinstance(loop, CpuLoop)
    assert (loop.period, loop.tolerance.covers(1.01)) == (5.0, False)
    assert not made.is_a_stack


def test_a_fixed_number_of_pods_is_a_candidate_too() -> None:
    (made,) = of(stack_settings(path("torch-replicas")), [])
    assert (made.scaler.loops, made.scaler.least) == ((), 2)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["autoscaling.maxReplicas"], "--set: expected KEY=VALUE"),
        (["=3"], "--set: expected KEY=VALUE"),
        (["autoscaling.maxReplicas=2,,3"], "--set: expected KEY=VALUE"),
        (["replicas=1", "replicas=2"], "expected each key once, got replicas twice"),
        (
            [
                f"autoscaling.{key}={','.join(map(str, range(1, 21)))}"
                for key in ("minReplicas", "maxReplicas")
            ],
            "expected at most 200 combinations, got 400",
        ),
    ],
)
def test_what_is_no_set_of_values_is_refused(sets: list[str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        of(STACK, sets)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["autoscaling.maxReplica=3"], "did you mean autoscaling.maxReplicas"),
        (["autoscaling.maxReplicas=6000"], "autoscaling.maxReplicas: expected integer 1–5000, got 6000"),
        (["autoscaling.minReplicas=3"], "autoscaling.minReplicas: expected ≤ autoscaling.maxReplicas"),
        (["scaler=vpa"], 'scaler: expected one of hpa, keda, none, got "vpa"'),
        (
            ["scaler=keda"],
            "keda: expected a group .* for scaler=keda, got none; add --set keda.target",
        ),
        (["keda.polling=3"], "keda.polling: expected one of .*did you mean keda.pollingSeconds"),
        (["keda.activation=1"], "keda.target: expected number 0.01–10000, got nothing; set it"),
        (["hpa.syncSeconds=0"], "hpa.syncSeconds: expected integer 1–300, got 0"),
    ],
)
def test_a_value_that_a_stack_or_a_scaler_refuses_is_refused(sets: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        of(STACK, sets)


def test_an_autoscaler_that_the_stack_lacks_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="autoscaling: expected a group of settings for scaler=hpa"):
        of(stack_settings(path("tf-default")), ["scaler=hpa"])


def test_a_stack_that_scales_by_keda_is_played_as_it_is() -> None:
    (made,) = of(stack_settings(path("tf-keda")), [])
    metric, operator = made.scaler.loops
    assert isinstance(metric, MetricLoop)
    assert (metric.target, metric.bounds, made.scaler.signal) == (0.5, (1, 2), "inFlight")
    assert isinstance(operator, Activation)
    assert (operator.period, made.is_a_stack) == (5.0, True)


def test_another_target_of_keda_is_a_stack_of_its_own() -> None:
    made = of(stack_settings(path("tf-keda")), ["autoscaling.target=0.25,1"])
    assert [(each.scaler.target, each.is_a_stack) for each in made] == [(0.25, True), (1.0, True)]


def test_a_queue_is_not_played() -> None:
    with pytest.raises(
        SettingsError, match="expected requestsInFlight or requestRate, which is what is played"
    ):
        of(stack_settings(path("torch-keda")), [])


def test_a_stack_of_vpa_is_played_as_its_file_says_the_platform_has_it() -> None:
    (made,) = of(stack_settings(path("tf-vpa-700m")), [])
    recommender, updater = made.scaler.loops
    assert isinstance(recommender, Recommender) and isinstance(updater, Updater)
    assert (recommender.allowed, recommender.half_life, recommender.period) == ((0.35, 0.7), 60.0, 15.0)
    assert (updater.patience, updater.period, made.scaler.request) == (60.0, 15.0, 0.35)
    assert made.is_a_stack
    usual, fixed = (of(stack_settings(path("tf-vpa")), sets)[0] for sets in ([], ["scaler=none"]))
    assert [each.period for each in usual.scaler.loops] == [60.0, 60.0]
    assert (fixed.scaler.loops, fixed.scaler.least) == ((), 1)
