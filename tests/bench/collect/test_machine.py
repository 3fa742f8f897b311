"""The machine's CPU from /proc/stat: who used it."""

import pytest

from bench.collect.machine import Clock, look, parse, used

LINE = "cpu  1000 100 500 20000 300 0 50 200 70 0"


def test_busy_is_what_is_neither_idle_nor_stolen() -> None:
    assert parse(LINE, ticks=100) == (16.5, 2.0), "guests are within user already"


def test_what_nobody_of_ours_used_is_others() -> None:
    made = used(Clock(0.0, 10.0, 0.0), Clock(60.0, 70.0, 1.0), serving=40.0, generator=5.0)
    assert made is not None
    assert (made.wall_seconds, made.busy, made.others, made.stolen) == (60.0, 60.0, 15.0, 1.0)


def test_clocks_that_do_not_tick_together_give_no_negative_use() -> None:
    made = used(Clock(0.0, 0.0, 0.0), Clock(10.0, 5.0, 0.0), serving=5.2, generator=0.1)
    assert made is not None
    assert made.others == 0.0


def test_a_system_without_the_file_tells_nothing() -> None:
    assert used(None, Clock(0.0, 0.0, 0.0), 0.0, 0.0) is None


def test_this_machine_gets_busier() -> None:
    first = look()
    if first is None:
        pytest.skip("no /proc/stat here")
    sum(range(3_000_000))
    second = look()
    assert second is not None
    assert second.busy >= first.busy
    assert second.at > first.at
