"""One run's answer, in words."""

from dataclasses import replace

from bench.records.parts import RATE, STEP
from bench.records.profile import Open, Phase
from bench.records.run import Summary
from bench.report.sections.run_answer import answer, is_good, load
from tests.bench.analysis.made import made, part, pod


def rate(*rates: float, p95: float = 20.0, requests: int = 9000) -> Summary:
    """A run of some rates, a minute each, all answered alike."""
    profile = Open(tuple(Phase(each, 60.0) for each in rates))
    return replace(
        made(RATE, profile=profile, pods=[pod()]),
        phases=tuple(part(p95, each, requests) for each in rates),
    )


def test_an_objective_that_is_met_says_at_which_rate_and_by_how_much() -> None:
    first = answer(rate(100.0))[0]
    assert first.startswith("**The objective is met at 100 requests/s offered:**")
    assert "p95 20.0 ms (≤ 50 ms), p99 20.0 ms (≤ 100 ms), 0 of 9,000 requests failed (< 0.1 %)" in first


def test_an_objective_that_is_missed_says_how() -> None:
    assert answer(rate(100.0, p95=80.0))[0] == (
        "**The objective is missed at 100 requests/s offered:** p95 80.0 ms > 50 ms."
    )


def test_of_several_rates_the_highest_that_met_it_is_named() -> None:
    assert "The highest rate offered that met it is 100 requests/s." in answer(rate(50.0, 100.0))


def test_a_void_run_says_why_before_anything_else() -> None:
    first, second, *_ = answer(replace(rate(100.0), void=("pod x restarted",)))
    assert first == "**This run is void, its figures must not be used:** pod x restarted."
    assert second.startswith("What was seen all the same: **The objective is met")


def test_too_few_answers_say_how_much_longer_to_run() -> None:
    told = answer(rate(100.0, requests=6500))[-1]
    assert told == (
        "Too few to state a p95 at 100 requests/s: a p95 takes 7,299, here are 6,500 answers; "
        "run 9 s longer (`--seconds 69`)."
    )


def test_users_who_wait_show_no_rate_and_the_command_that_does_is_named() -> None:
    told = answer(made())
    assert told[0].startswith("**The objective is met by 25 users for 120 s:**")
    assert "`python -m bench run a --profile rate --rate N` offers one." in told[1]


def test_what_bounds_the_latency_is_named() -> None:
    held_back = replace(rate(100.0), pods=(replace(pod(), cfs_throttled=40),))
    assert answer(held_back)[1].startswith("What bounds it: the pods' CPU limit: throttled in 40 %")


def test_where_nothing_was_short_the_work_itself_is_the_latency() -> None:
    told = answer(rate(9.0))[1]
    assert told.endswith("the latency is the work of a request itself. The server's own mean is 8.00 ms.")
    assert "look at the time in which it was slow." in answer(rate(9.0, p95=80.0))[1]


def test_a_step_names_its_phases_and_asks_for_no_longer_ones() -> None:
    told = answer(replace(rate(20.0, 100.0, 20.0, requests=100), part=STEP))
    assert [each.split(":")[0] for each in told[:3]] == [
        f"**The objective is met at {text}"
        for text in (
            "20.0 requests/s offered, before the step",
            "100 requests/s offered, in the step",
            "20.0 requests/s offered, after the step",
        )
    ]
    assert "Too few" not in " ".join(told)


def test_a_load_is_told_in_a_few_words() -> None:
    assert load(rate(50.0, 100.0)) == "50.0 → 100 requests/s for 120 s"
    assert load(made()) == "25 users for 120 s"


def test_a_run_is_good_if_it_is_not_void_and_every_rate_met_the_objective() -> None:
    assert is_good(rate(50.0, 100.0))
    assert not is_good(rate(50.0, p95=80.0))
    assert not is_good(replace(rate(50.0), void=("late",)))
