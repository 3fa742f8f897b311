"""Requests wait with their clients once all connections are in use, and go wherever one is free next."""

import numpy as np
import pytest

from bench.whatif.clients import Sent, at_once, in_turns, within
from bench.whatif.serving import Model, Pod

SLOW = Model(10.0, 0.1, ((1.0, 0.1),), (0.0, 0.0), (4.0,))
FAST = Model(100.0, 0.01, ((1.0, 0.01),), (0.0, 0.0), (4.0,))


def pods(*models: Model) -> list[Pod]:
    return [Pod(number, -100.0, -100.0, model) for number, model in enumerate(models)]


def turned(due: list[float], held: list[float], own: list[Pod], end: float = 1.0) -> Sent:
    return in_turns(np.array(due), (0.0, end), own, np.array(held), np.random.default_rng(0))


def test_a_request_is_sent_when_one_before_it_is_answered() -> None:
    made = turned([0.0, 0.0, 0.0, 0.05], [2.0], pods(SLOW))
    assert made.at.tolist() == pytest.approx([0.0, 0.0, 0.1, 0.2])
    assert made.waits.tolist() == pytest.approx([0.0, 0.1, 0.1, 0.1]), (
        "one is before it in the pod, never more"
    )


def test_what_finds_no_connection_before_the_end_stays_with_the_client_in_order() -> None:
    own = pods(SLOW)
    first = turned([0.0] * 30, [5.0], own)
    assert len(first.at) == 14, (
        "ten are answered within the second, of which the last frees a connection at its end"
    )
    later = in_turns(np.zeros(16), (1.0, 2.0), own, np.array([5.0]), np.random.default_rng(0))
    assert later.at.min() == pytest.approx(1.0)
    assert len(later.at) == 10


def test_a_new_pod_takes_what_waits_with_the_clients() -> None:
    old, new = pods(SLOW, FAST)
    old.free = 0.5
    made = turned([0.0] * 20, [5.0, 5.0], [old, new])
    assert np.count_nonzero(made.places == 1) >= 18
    assert made.at[made.places == 0].min() == pytest.approx(0.1), (
        "before that all of the old one's are in use"
    )


def test_free_connections_are_drawn_by_how_many_each_pod_has() -> None:
    made = turned(list(np.arange(0, 100, 0.1)), [30.0, 10.0], pods(FAST, FAST), end=100.0)
    assert np.count_nonzero(made.places == 0) == pytest.approx(750, abs=60)
    assert not made.waits.any()


def test_with_connections_enough_both_ways_of_sending_agree() -> None:
    due, weights = np.sort(np.random.default_rng(3).uniform(0, 5, 300)), np.array([1.0])
    plain = at_once(due, pods(FAST), weights, np.random.default_rng(0))
    turns = turned(list(due), [1000.0], pods(FAST), end=6.0)
    assert turns.waits.tolist() == pytest.approx(plain.waits.tolist())
    assert within(np.array([1000.0]), pods(FAST), plain)
    assert not within(np.array([1.0]), pods(FAST), plain)


def test_a_request_that_was_given_up_is_never_within() -> None:
    lost = Sent(np.zeros(2), np.zeros(2), np.array([0.0, np.nan]))
    assert not within(np.array([1e9]), pods(SLOW), lost)


def test_without_a_pod_requests_fail_at_once() -> None:
    made = at_once(np.array([1.0, 2.0]), [], np.array([]), np.random.default_rng(0))
    assert np.isnan(made.waits).all()
    assert made.at.tolist() == [1.0, 2.0]
