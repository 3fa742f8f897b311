"""Stabilisation windows, policies and bounds of an autoscaler."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.whatif.pace import (
    DISABLED,
    DOWN,
    MIN,
    PERCENT,
    PODS,
    UP,
    Pace,
    Policy,
    Rules,
    down_limit,
    of,
    paced,
    stabilised,
    up_limit,
)
from bench.whatif.seen import History, Seen
from stack.settings import Behavior, ScalingPace

NONE = History()
FREE = Rules((Policy(PODS, 1000, 15.0),))


def at(now: float, replicas: int) -> Seen:
    return Seen(now, replicas)


def decided(now: float, replicas: int, wish: int, pace: Pace, history: History = NONE) -> int:
    return paced(at(now, replicas), wish, (1, 100), pace, history)[0]


def test_by_default_pods_double_or_four_come_whichever_is_more() -> None:
    assert up_limit(at(0, 1), UP, NONE) == 5
    assert up_limit(at(0, 10), UP, NONE) == 20


def test_by_default_all_may_go_at_once_after_five_calm_minutes() -> None:
    assert down_limit(at(0, 10), DOWN, NONE) == 0
    busy = History(wishes=((0.0, 10),))
    assert decided(299, 10, 2, Pace(), busy) == 10
    assert decided(300, 10, 2, Pace(), busy) == 2


@pytest.mark.parametrize(("select", "up", "down"), [("Max", 20, 5), (MIN, 12, 8), (DISABLED, 10, 10)])
def test_the_policy_of_the_most_change_counts_or_of_the_least_or_none(
    select: str, up: int, down: int
) -> None:
    policies = (Policy(PODS, 2, 60.0), Policy(PERCENT, 100, 60.0))
    assert up_limit(at(0, 10), Rules(policies, select=select), NONE) == up
    policies = (Policy(PODS, 2, 60.0), Policy(PERCENT, 50, 60.0))
    assert down_limit(at(0, 10), Rules(policies, select=select), NONE) == down


def test_shares_are_rounded_up_on_both_ways() -> None:
    rules = Rules((Policy(PERCENT, 10, 60.0),))
    assert up_limit(at(0, 11), rules, NONE) == 13, "12.1"
    assert down_limit(at(0, 11), rules, NONE) == 9, "9.9 may be left, so one pod more goes"
    assert up_limit(at(0, 10), rules, NONE) == 11, "not a hair above 11"


def test_a_policy_counts_what_changed_within_its_period() -> None:
    rules = Rules((Policy(PODS, 4, 60.0),))
    assert up_limit(at(50, 14), rules, History(changes=((0.0, 4),))) == 14
    assert up_limit(at(60, 14), rules, History(changes=((0.0, 4),))) == 18
    assert down_limit(at(50, 6), rules, History(changes=((0.0, -4),))) == 6
    assert down_limit(at(50, 14), rules, History(changes=((0.0, 4),))) == 6, (
        "pods that came are above the start"
    )


def test_a_limit_never_turns_the_direction() -> None:
    slow = Pace(up=Rules((Policy(PODS, 1, 60.0),)), down=Rules((Policy(PODS, 1, 60.0),)))
    assert decided(10, 12, 20, slow, History(changes=((0.0, 4),))) == 12
    assert decided(10, 8, 2, slow, History(changes=((0.0, -4),))) == 8


def test_bounds_count_before_the_pace_and_at_once_outside_of_them() -> None:
    assert paced(at(0, 2), 50, (1, 4), Pace(), NONE)[0] == 4
    assert paced(at(0, 4), 0, (2, 8), Pace(down=FREE), NONE)[0] == 2
    still = Pace(
        Rules((Policy(PODS, 1, 15.0),), select=DISABLED), Rules((Policy(PODS, 1, 15.0),), select=DISABLED)
    )
    assert paced(at(0, 9), 3, (1, 4), still, NONE) == (4, History(changes=((0.0, -5),)))
    assert paced(at(0, 1), 1, (2, 4), still, NONE)[0] == 2


def test_the_calmest_wish_of_a_window_counts_each_way() -> None:
    pace = Pace(Rules(UP.policies, stabilization=60.0), Rules(DOWN.policies, stabilization=60.0))
    seen = History(wishes=((0.0, 3), (20.0, 8), (40.0, 6)))
    assert stabilised(at(50, 2), 9, pace, seen) == 3
    assert stabilised(at(50, 10), 1, pace, seen) == 8
    assert stabilised(at(50, 5), 9, pace, seen) == 5, "between both: nothing changes"


def test_what_is_too_old_to_matter_is_forgotten() -> None:
    history = NONE
    for turn in range(100):
        _, history = paced(at(15.0 * turn, 3), 3, (1, 9), Pace(), history)
    assert len(history.wishes) == 21, "those of 300 s"


def test_a_stacks_behaviour_is_one_policy_of_pods_each_way() -> None:
    made = of(Behavior(ScalingPace(30, 2, 45), ScalingPace(60, 1, 90)))
    assert made.up == Rules((Policy(PODS, 2, 45.0),), 30.0)
    assert made.down == Rules((Policy(PODS, 1, 90.0),), 60.0)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.integers(1, 4),
    st.integers(0, 12),
    st.integers(0, 120),
)
def test_pods_stay_within_bounds_and_policies_whatever_is_wished(
    wishes: list[int], low: int, more: int, window: int
) -> None:
    pace = Pace(
        Rules((Policy(PODS, 2, 30.0),), float(window)), Rules((Policy(PERCENT, 50, 30.0),), float(window))
    )
    replicas, history, seen = low, NONE, [low]
    for turn, wish in enumerate(wishes):
        replicas, history = paced(at(15.0 * turn, replicas), wish, (low, low + more), pace, history)
        seen.append(replicas)
    assert all(low <= each <= low + more for each in seen)
    for before, now, then in zip(seen, seen[1:], seen[2:], strict=False):
        assert then <= max(now, before + 2), "a period of 30 s holds two syncs"
        assert then >= min(now, before // 2)
