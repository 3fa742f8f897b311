"""The order of candidates."""

from dataclasses import replace

from bench.whatif.candidates import of
from bench.whatif.outcome import Outcome
from bench.whatif.ranking import Forecast, ranked
from stack.files import path, stack_settings

CANDIDATES = of(
    stack_settings(path("tf-hpa-plain")), ["autoscaling.maxReplicas=2,3,4,5", "autoscaling.minReplicas=1"]
)
GOOD = Outcome(1000, 10, 0, 5.0, 20.0, 40.0, True, 0.0, 0.0, 600.0, 2, 1.0, (), ())


def forecast(number: int, *outcomes: Outcome) -> Forecast:
    return Forecast(CANDIDATES[number], 100.0, 80.0, outcomes)


def test_what_keeps_the_objective_is_first_by_cost_then_the_rest_by_requests_beyond_it() -> None:
    bad = replace(GOOD, kept=False, late=300, cost=0.1)
    dear, cheap = forecast(0, replace(GOOD, cost=3.0)), forecast(1, replace(GOOD, cost=2.0, late=40))
    worst, better = forecast(2, bad), forecast(3, replace(bad, late=200, cost=0.5))
    assert ranked([worst, dear, better, cheap]) == (cheap, dear, better, worst)


def test_one_playing_that_misses_it_is_enough_to_come_later() -> None:
    once = forecast(0, GOOD, replace(GOOD, kept=False, cost=0.5))
    always = forecast(1, *[replace(GOOD, cost=9.0)] * 2)
    assert ranked([once, always]) == (always, once)


def test_the_typical_playing_is_that_of_the_middle() -> None:
    late = [replace(GOOD, late=each) for each in (5, 90, 40)]
    assert forecast(0, *late).typical.late == 40


def test_playings_that_never_recover_are_counted_apart() -> None:
    made = forecast(0, GOOD, replace(GOOD, recovered=None), replace(GOOD, recovered=20.0))
    seconds, never = made.recovered
    assert seconds is not None
    assert (seconds.value, never) == (10.0, 1)
