"""KEDA: an HPA on a metric in front of the pods, and an operator for the first and the last pod."""

from dataclasses import replace

import pytest

from bench.whatif.hpa import Tolerance
from bench.whatif.keda import USUAL, Activation, Keda, MetricLoop, scaler
from bench.whatif.pace import Pace
from bench.whatif.seen import History, Seen

NONE = History()
OPERATOR = Activation(above=2.0, cooldown=300.0, least=0, period=30.0)


def test_the_metric_is_shared_by_the_pods_there_are() -> None:
    loop = MetricLoop(target=4.0, bounds=(1, 10))
    made = loop.decide(Seen(0.0, 2, load=20.0), NONE)
    assert (made.replicas, made.metric) == (5, 10.0)


@pytest.mark.parametrize("seen", [Seen(0.0, 3, load=None), Seen(0.0, 0, load=50.0)])
def test_the_hpa_rests_without_a_metric_and_without_pods(seen: Seen) -> None:
    made = MetricLoop(target=4.0, bounds=(1, 10)).decide(seen, NONE)
    assert (made.replicas, made.metric, made.history) == (seen.replicas, None, NONE)


def test_the_last_pod_never_goes_by_the_hpa() -> None:
    loop = MetricLoop(4.0, (1, 10), Pace())
    assert loop.decide(Seen(0.0, 1, load=0.0), NONE).replicas == 1


def test_the_first_pod_comes_above_the_activation_not_at_it() -> None:
    assert OPERATOR.decide(Seen(0.0, 0, load=2.0), NONE).replicas == 0
    assert OPERATOR.decide(Seen(0.0, 0, load=2.1), NONE).replicas == 1


def test_all_pods_go_once_the_metric_was_low_for_the_cooldown() -> None:
    active = OPERATOR.decide(Seen(0.0, 4, load=9.0), NONE).history
    assert OPERATOR.decide(Seen(299.0, 4, load=1.0), active).replicas == 4
    assert OPERATOR.decide(Seen(300.0, 4, load=1.0), active).replicas == 0


def test_without_the_metric_no_pod_goes() -> None:
    assert OPERATOR.decide(Seen(900.0, 4, load=None), NONE).replicas == 4


def test_above_no_pods_the_operator_takes_none_away() -> None:
    assert replace(OPERATOR, least=1).decide(Seen(900.0, 4, load=0.0), NONE).replicas == 4


def test_bounds_are_the_stacks_unless_the_trigger_has_its_own() -> None:
    told = Keda(target=5.0)
    made = scaler(told, (2, 7), Pace(), Tolerance())
    assert (made.least, made.most, made.signal) == (2, 7, "inFlight")
    own = scaler(replace(told, min_replicas=0, max_replicas=3), (2, 7), Pace(), Tolerance())
    assert (own.least, own.most) == (0, 3)
    metric = own.loops[0]
    assert isinstance(metric, MetricLoop)
    assert metric.bounds == (1, 3), "its HPA knows no fewer than one"
    assert USUAL == (0, 100)
