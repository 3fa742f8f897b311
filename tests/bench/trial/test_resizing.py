"""A pod resized in place under load: the order of the turns, what the cgroup tells, what is gained."""

import pytest

from bench.commands.resize import told
from bench.trial.resizing import Look, Meter, gains, metered, turns


def look(limit: str, rate: float, throttled: float = 0.9) -> Look:
    return Look(limit, 0.5, 0.5, 0.4, throttled, rate, 10.0, 0, {"server 1": 9}, 0)


def test_a_machine_that_gets_slower_favours_neither_limit() -> None:
    assert list(turns(("500m", "1"), 3)) == ["500m", "1", "1", "500m", "500m", "1"]


def test_the_gain_is_that_of_each_turn_whichever_came_first() -> None:
    looks = [look("500m", 10), look("1", 20), look("1", 30), look("500m", 15)]
    assert gains(looks) == (2.0, 2.0)
    assert told(looks) == (
        "500m → 1, 2.00 × the CPU: 2.00 [2.00, 2.00] × the requests/s over 2 of 2 turns, those in which both "
        "limits were used up"
    )


def test_a_turn_in_which_something_else_held_the_server_up_tells_nothing_of_the_limit() -> None:
    busy = [look("500m", 10), look("1", 11, throttled=0.0)]
    assert gains(busy) == ()
    assert told(busy) == "500m → 1: in none of 1 turns were both limits used up, so nothing is known"
    assert gains([*busy, look("1", 30), look("500m", 15)]) == (2.0,)


@pytest.mark.parametrize(
    "text",
    [
        "usage_usec 2500000\nuser_usec 1\nnr_periods 40\nnr_throttled 10\nthrottled_usec 7\n",
        "nr_periods 40\nnr_throttled 10\nthrottled_time 7\nusage_nsec 2500000000\n",
    ],
    ids=["cgroup v2", "cgroup v1"],
)
def test_both_kinds_of_cgroups_are_read(text: str) -> None:
    assert metered(text) == Meter(2.5, 40, 10)


def test_only_what_came_since_counts() -> None:
    assert Meter(3.0, 50, 12).since(Meter(2.5, 40, 10)) == Meter(0.5, 10, 2)
