"""What a cell held, by block."""

from dataclasses import replace

import pytest

from bench.analysis.capacities import at_capacity, capacity, trial_points
from bench.records.parts import CONFIRM, RATE, SEARCH
from bench.records.profile import Open, Phase
from bench.trial.capacity import MOST_RATE
from tests.bench.analysis.made import cell, held, made, part, trial


def test_capacity_is_the_mean_of_what_blocks_held_with_its_interval() -> None:
    found = capacity(cell(*held(1, 100), *held(2, 110), *held(3, 120)))
    assert found.by_block == {1: 100, 2: 110, 3: 120}
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(110)
    assert (found.estimate.low, found.estimate.high) == (100, 120)


def test_a_block_in_which_no_rate_met_the_objective_counts_as_zero() -> None:
    found = capacity(cell(trial(SEARCH, 1, 30, met=False), trial(SEARCH, 1, 20, met=False)))
    assert found.by_block == {1: 0.0}


def test_a_block_that_was_never_confirmed_is_left_out_and_named() -> None:
    lost = [trial(SEARCH, 2, 90, met=True), trial(CONFIRM, 2, 90, met=False)]
    found = capacity(cell(*held(1, 100), *lost))
    assert (found.by_block, found.unconfirmed) == ({1: 100}, (2,))


def test_a_rate_beyond_which_nothing_is_tried_is_a_capacity_of_that_or_more() -> None:
    found = capacity(cell(*held(1, 100), *held(2, MOST_RATE)))
    assert found.at_bound == (2,)


def test_a_block_that_ended_where_the_generator_could_not_send_more_is_named() -> None:
    late = trial(SEARCH, 1, 110, met=True, void=["the generator sent late: lag p99 9 ms > 5 ms"])
    late = replace(late, generator=replace(late.generator, lag_p99=9.0))
    missed = trial(SEARCH, 2, 110, met=False)
    found = capacity(cell(*held(1, 100), late, late, *held(2, 100), missed))
    assert (found.by_block, found.unsent) == ({1: 100, 2: 100}, (1,))


def test_a_block_whose_trials_are_all_void_says_nothing() -> None:
    found = capacity(cell(trial(SEARCH, 1, 30, met=False, void=["late"])))
    assert (found.by_block, found.unconfirmed, found.estimate) == ({}, (), None)


def test_only_confirmations_at_the_held_rate_tell_of_the_capacity() -> None:
    lower = trial(CONFIRM, 1, 95, met=True)
    runs = at_capacity(cell(*held(1, 100), lower, trial(CONFIRM, 1, 105, met=False), made()))
    assert [run.summary.judged.offered_rate for run in runs] == [100]


def test_every_rate_of_a_load_of_several_is_a_point_too() -> None:
    run = made(RATE, profile=Open((Phase(10, 60), Phase(40, 60))))
    both = replace(run, phases=(part(20.0, 10.0), part(90.0, 40.0)))
    assert [(each.rate, each.met, each.p95) for each in trial_points(cell(both))] == [
        (10, True, 20.0),
        (40, False, 90.0),
    ]


def test_trials_become_points_by_rate_with_the_reason_of_a_failure() -> None:
    first, second = trial_points(cell(trial(SEARCH, 1, 60, met=False), trial(SEARCH, 1, 40, met=True)))
    assert (first.rate, first.met, first.why) == (40, True, "")
    assert (second.rate, second.met) == (60, False)
    assert "p95 80.0 ms > 50 ms" in second.why
