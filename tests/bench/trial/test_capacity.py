"""A capacity search finds the rate that a server of known capacity holds, in few trials."""

from dataclasses import replace

import pytest

from bench.records.parts import CONFIRM, SEARCH
from bench.records.run import Summary
from bench.trial.capacity import Start, Trial, following, held, judge, known, misses
from bench.trial.guards import AT_CAPACITY, generator_limit
from tests.bench.summaries import summary


def searched(limit: float, start: Start, most: int = 12, confirm_limit: float | None = None) -> list[Trial]:
    """The trials on a server that meets its objective up to `limit` requests/s, in confirmations another."""
    trials: list[Trial] = []
    while step := following(trials, start, most):
        most_rate = confirm_limit if confirm_limit is not None and step.kind == CONFIRM else limit
        trials.append(Trial(step.rate, step.kind, step.rate <= most_rate))
        assert len(trials) < 30, "the search ends"
    return trials


@pytest.mark.parametrize("limit", [3.0, 19.0, 100.0, 333.0, 1200.0])
def test_a_search_ends_with_a_confirmed_rate_within_5_percent(limit: float) -> None:
    last = searched(limit, Start())[-1]
    assert (last.kind, last.met) == (CONFIRM, True)
    assert limit / 1.05 <= last.rate <= limit


def test_a_known_capacity_takes_few_trials() -> None:
    near = searched(210.0, Start(200.0, known=True))
    assert len(near) <= 4
    assert len(near) < len(searched(210.0, Start()))
    assert near[-1].rate >= 200.0


def test_the_number_of_trials_is_bounded_once_a_rate_has_failed() -> None:
    trials = searched(100.0, Start(20.0), most=5)
    assert sum(trial.kind == SEARCH for trial in trials) == 5
    assert trials[-1].met
    assert trials[-1].rate >= 100 / 1.5


def test_a_search_that_begins_too_low_is_not_cut_off_on_its_way_up() -> None:
    trials = searched(900.0, Start(1.0), most=5)
    assert trials[-1].rate >= 900 / 1.5


def test_a_failed_confirmation_goes_down_until_one_holds() -> None:
    trials = searched(300.0, Start(), confirm_limit=250.0)
    assert trials[-1].met
    assert 250 / 1.2 <= trials[-1].rate <= 250
    assert sum(trial.kind == CONFIRM for trial in trials) > 1


def test_a_search_that_was_far_too_hopeful_still_finds_a_rate() -> None:
    trials = searched(600.0, Start(), confirm_limit=300.0)
    assert trials[-1].met
    assert trials[-1].rate >= 200


def test_a_rate_that_only_many_requests_meet_is_found() -> None:
    """A batch timeout beyond the objective: below 350/s batches wait for it, above 500/s all is full."""
    trials: list[Trial] = []
    while step := following(trials, Start(300.0), 12):
        trials.append(Trial(step.rate, step.kind, 350 <= step.rate <= 500))
    assert (trials[-1].kind, trials[-1].met) == (CONFIRM, True)
    assert 500 / 1.05 <= trials[-1].rate <= 500


@pytest.mark.parametrize("limit", [2.0, 90.0])
def test_a_search_from_a_rate_that_held_before_finds_a_much_lower_one(limit: float) -> None:
    trials = searched(limit, Start(158.0, known=True), most=3)
    assert trials[-1].met
    assert limit / 1.25 <= trials[-1].rate <= limit


def test_a_server_that_holds_nothing_is_given_up() -> None:
    trials = searched(0.0, Start())
    assert not any(trial.met for trial in trials)
    assert {trial.kind for trial in trials} == {SEARCH}, "there is nothing to confirm"


def trial(kind: str, rate: float, p95: float = 20.0, p99: float = 40.0) -> Summary:
    return summary(kind, rate, {"p50": 9.0, "p90": 15.0, "p95": p95, "p99": p99})


def test_a_trial_within_the_objective_is_met() -> None:
    assert judge(trial(SEARCH, 100)) == Trial(100, SEARCH, True)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (trial(SEARCH, 100, p95=50.1, p99=60), "p95 50.1 ms > 50 ms"),
        (trial(SEARCH, 100, p99=101), "p99 101.0 ms > 100 ms"),
        (replace(trial(SEARCH, 100), overload=("no connection was free",)), "no connection was free"),
    ],
)
def test_a_trial_beyond_the_objective_says_why(made: Summary, reason: str) -> None:
    found = judge(made)
    assert found is not None
    assert (found.met, found.reasons) == (False, (reason,))


def test_failed_requests_miss_the_objective() -> None:
    made = trial(SEARCH, 100)
    part = replace(made.judged, outcomes={"200": 999, "503": 1}, requests=1000)
    assert misses(part, made.slo) == ("0.1 % failed, at least 0.1 %",)


def test_of_all_answers_as_many_count_as_wrong_as_of_the_compared() -> None:
    made = trial(SEARCH, 100)
    part = replace(made.judged, outcomes={"200": 998, "503": 1, "wrong: another label": 1}, requests=1000)
    compared = replace(part, checked=50)
    assert compared.failed_share == pytest.approx((1 + 999 / 50) / 1000)
    assert misses(compared, made.slo) == ("2.1 % failed, at least 0.1 %, 1 of 50 compared answers are wrong",)
    assert replace(part, checked=1000).failed_share == pytest.approx(0.002, rel=0.01)


def test_a_void_trial_says_nothing() -> None:
    assert judge(replace(trial(SEARCH, 100), void=("lag",))) is None


LATE = "the generator sent late: lag p99 9 ms > 5 ms"


def late(made: Summary, *others: str) -> Summary:
    return replace(made, void=(LATE, *others), generator=replace(made.generator, lag_p99=9.0))


def test_a_rate_at_which_the_generator_is_late_twice_is_beyond_what_it_can_send() -> None:
    made = [trial(SEARCH, 900), late(trial(SEARCH, 1100))]
    assert [each.rate for each in known(made)] == [900]
    again = known([*made, late(trial(CONFIRM, 1100)), late(trial(SEARCH, 1100))])
    assert again[1:] == [Trial(1100, SEARCH, False, (LATE,), unsent=True)]


def test_a_trial_that_others_disturbed_too_says_nothing_however_often() -> None:
    disturbed = late(trial(SEARCH, 1100), "other programs took 40% of the machine's CPU > 25%")
    assert known([disturbed, disturbed, disturbed]) == []


def test_a_search_above_which_the_generator_is_late_confirms_the_highest_rate_that_was_sent() -> None:
    """A server that would hold 1,400/s, beside a generator that sends 1,000."""
    made: list[Summary] = []
    while step := following(known(made), Start(300.0), 6):
        asked = trial(step.kind, step.rate)
        made.append(asked if step.rate <= 1000 else late(asked))
        assert len(made) < 30, "the search ends"
    rate = held(made)
    assert rate is not None
    assert 1000 / 1.15 <= rate <= 1000


def test_a_trial_that_misses_for_the_generators_cpu_alone_is_told_as_such() -> None:
    made = trial(SEARCH, 1100)
    busy = replace(made, generator=replace(made.generator, cpu_share=0.25))
    reasons = generator_limit(busy.generator, AT_CAPACITY)
    found = judge(replace(busy, overload=reasons))
    assert found == Trial(1100, SEARCH, False, reasons, unsent=True)
    slow = judge(replace(busy, overload=(*reasons, "no connection was free")))
    assert slow is not None
    assert not slow.unsent


def test_held_is_the_highest_confirmed_rate() -> None:
    trials = [trial(SEARCH, 300), trial(CONFIRM, 200), trial(CONFIRM, 190), trial(CONFIRM, 250, p95=70)]
    assert held(trials) == 200
    assert held([trial(SEARCH, 300)]) is None
