"""What one run says by itself."""

from dataclasses import replace

import pytest

from bench.analysis.single import bounds, instants, judged, shortfalls
from bench.load import profiles
from bench.records.parts import RATE, SEARCH
from bench.records.profile import Open, Phase
from bench.records.run import Machine
from tests.bench.analysis.made import made, part, pod, trial
from tests.bench.loads import evenly

TWO_RATES = Open((Phase(100.0, 60.0), Phase(200.0, 60.0)))


def test_each_rate_of_a_run_is_judged_by_itself() -> None:
    run = replace(made(RATE, profile=TWO_RATES), phases=(part(20.0, 100.0), part(80.0, 200.0)))
    met, missed = judged(run)
    assert (met.rate, met.missed) == (100.0, ())
    assert (missed.rate, missed.missed) == (200.0, ("p95 80.0 ms > 50 ms",))


def test_users_who_wait_offer_no_rate() -> None:
    assert [each.rate for each in judged(made())] == [None]


def test_of_a_trial_only_the_second_phase_counts() -> None:
    (only,) = judged(trial(SEARCH, 0, 30.0, met=True))
    assert only.rate == 30.0


@pytest.mark.parametrize(("answers", "names"), [(1000, ["p95", "p99"]), (6500, ["p95"]), (7299, []), (0, [])])
def test_a_percentile_needs_enough_answers(answers: int, names: list[str]) -> None:
    found = shortfalls(replace(part(), requests=answers, outcomes={"200": answers}))
    assert [each.name for each in found] == names


def test_the_seconds_that_lack_bring_the_answers_that_lack_at_the_rate_that_was_answered() -> None:
    stretch = replace(part(), seconds=60.0, requests=6000, outcomes={"200": 6000})
    p95, p99 = shortfalls(stretch)
    assert p99.needed == 6085
    assert p99.seconds == 3
    assert p95.seconds == 15


def test_failed_requests_are_no_answers() -> None:
    (p95, _) = shortfalls(part(requests=1000, failed=400))
    assert p95.answers == 600


def test_the_last_window_ends_with_the_load_whole_or_not() -> None:
    run = replace(made(RATE, profile=Open((Phase(10.0, 62.5),))), total=replace(part(), seconds=62.5))
    seen = instants(run, evenly(10.0, 62.5))
    assert (seen[0].start, seen[-1].start, seen[-1].end) == (0.0, 62.0, 62.5)
    assert sum(each.requests for each in seen) == 625
    assert {each.p50 for each in seen} == {20.0}


def test_a_window_in_which_nothing_was_due_has_no_latency() -> None:
    run = replace(made(RATE, profile=Open((Phase(10.0, 10.0),))), total=replace(part(), seconds=10.0))
    seen = instants(run, evenly(10.0, 5.0))
    assert [each.p95 for each in seen[5:]] == [None] * 5


def test_what_was_short_is_named() -> None:
    assert bounds(made()) == ()
    held_back = replace(pod(), cfs_throttled=40)
    assert bounds(made(pods=[held_back])) == (
        "the pods' CPU limit: throttled in 40 % of all periods of 100 ms",
    )
    queued = replace(pod(), queue_millis=50.0)
    assert bounds(made(pods=[queued])) == ("the wait for a batch or a worker: 50.0 ms (mean)",)
    full = Machine(2, 60.0, 118.0, 100.0, 10.0, 8.0, 0.0)
    assert bounds(replace(made(), machine=full)) == ("the machine's CPU: 98 % of it was in use",)
    assert bounds(made(overload=["9 requests waited"])) == ("9 requests waited",)


def test_a_serial_load_is_judged_as_a_whole() -> None:
    assert judged(made(profile=profiles.serial()))[0].stretch == part()
