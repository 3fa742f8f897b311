"""A summary's figures, and every reason that voids a run."""

from dataclasses import replace

import pytest

from bench.load import profiles
from bench.load.outcome import Outcome
from bench.load.profiles import trial
from bench.records.parts import CONFIRM, RATE, SEARCH, SERIAL, SOAK, STEP, THESIS, TRACE
from bench.records.profile import Open, Phase
from bench.records.run import Machine
from bench.trial import summarise
from bench.trial.guards import Conditions, allowed, generator_limit, overload, void
from tests.bench.loads import START, evenly, outcome, plan, sample

FINE = Conditions(True, False, {"pod-1": 0}, {"pod-1": 0}, ())


def reasons(load: Outcome, seen: Conditions = FINE, machine: Machine | None = None) -> tuple[str, ...]:
    made = summarise.generator(load, "k6", cpus=2)
    kept_up = (*overload(load, made, summarise.little(load)), *generator_limit(made, seen.bounds))
    return (*void(load, made, machine, seen), *kept_up)


def test_a_good_run_has_no_reason_to_be_void() -> None:
    assert reasons(outcome()) == ()


def test_figures_are_of_the_schedule_and_of_good_answers() -> None:
    samples = [*evenly(10, 60), sample(START + 5, status=503), sample(START + 6, status=0)]
    whole = summarise.total(outcome(samples))
    assert (whole.requests, whole.outcomes) == (602, {"0": 1, "200": 600, "503": 1})
    assert (whole.offered_rate, whole.achieved_rate) == (10.033, 10.0)
    assert whole.latency is not None
    assert whole.latency.percentiles["p95"].value == 20.0
    assert whole.latency.too_few == {"p95": "600 of 7299 requests", "p99": "600 of 6085 requests"}


def test_goodput_counts_good_answers_that_came_within_the_objective() -> None:
    """Of 11 requests a second one fails and one is late."""
    slow, bad = ([START + 1000 * second + at for second in range(60)] for at in (3, 7))
    samples = [
        *evenly(9, 60),
        *(sample(due, latency=60) for due in slow),
        *(sample(due, status=503) for due in bad),
    ]
    whole = summarise.total(outcome(samples), within=50)
    assert (whole.goodput, whole.achieved_rate) == (9.0, 10.0)
    assert summarise.total(outcome(samples), within=60).goodput == 10.0
    assert summarise.total(outcome(samples)).goodput is None


def test_each_phase_has_figures_of_its_own() -> None:
    load = outcome(profile=Open((Phase(10, 30), Phase(40, 30))))
    low, high = summarise.phases(load)
    assert low.offered_rate == pytest.approx(10, rel=0.2)
    assert high.offered_rate == pytest.approx(40, rel=0.2)


def test_a_closed_load_offers_no_rate() -> None:
    samples = evenly(rate=23.14, seconds=120, latency=75.5)
    load = replace(outcome(samples), plan=plan(profiles.THESIS), planned=None)
    assert summarise.total(load).offered_rate is None
    assert summarise.phases(load) == ()
    assert reasons(load) == ()


def test_a_load_without_an_answer_has_no_latency() -> None:
    load = outcome([sample(due, status=503) for due, _ in plan().schedule()])
    assert summarise.total(load).latency is None


def test_an_interrupted_run_keeps_its_figures_and_is_void() -> None:
    whole = outcome()
    load = replace(whole, samples=whole.samples[:199] + whole.samples[200:201], interrupted=True)
    (only,) = reasons(load)
    assert only.startswith("interrupted after ")
    assert summarise.total(load).requests == pytest.approx(200, abs=1)


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (outcome(fault="k6 ended with code -9: killed"), "k6 ended with code -9: killed"),
        (outcome([sample(due) for due, _ in plan().schedule()[5:]]), "5 requests were never sent"),
        (outcome([sample(due, lag=3.0) for due, _ in plan().schedule()]), "lag p99 3 ms > 1 ms"),
        (outcome(cpu_seconds=30.0), "the generator took 25% of the machine's CPU > 10%"),
        (outcome([sample(due, status=503) for due, _ in plan().schedule()]), "no request was answered"),
        (
            outcome([sample(due)._replace(taken=due + 1) for due, _ in plan().schedule()]),
            "found all 20 connections busy",
        ),
        (
            outcome([sample(due, latency=due) for due, _ in plan().schedule()]),
            "Little's law is violated by",
        ),
    ],
)
def test_a_bad_load_is_void_with_its_reason(load: Outcome, reason: str) -> None:
    assert any(reason in each for each in reasons(load)), reasons(load)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (replace(FINE, stationary=False), "not stationary: the warm-up did not settle within its time"),
        (replace(FINE, mismatches=("replicas: 1",)), "setting not effective: replicas: 1"),
        (replace(FINE, restarts_after={"pod-1": 1}), "pod pod-1 restarted"),
        (replace(FINE, restarts_after={"pod-2": 0}), "pod pod-1 is gone"),
    ],
)
def test_bad_conditions_void_a_run(seen: Conditions, reason: str) -> None:
    assert reasons(outcome(), seen) == (reason,)


def test_an_autoscaled_pod_may_go() -> None:
    assert reasons(outcome(), replace(FINE, pods_may_go=True, restarts_after={})) == ()


QUIET = Machine(cpus=2, wall_seconds=60, busy=40, serving=30, generator=2, others=8, stolen=0.1)


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (replace(QUIET, others=36), "other programs took 30% of the machine's CPU > 25%"),
        (replace(QUIET, stolen=12), "the machine's host took 10% of its CPU > 5%"),
    ],
)
def test_a_busy_machine_voids_a_run(machine: Machine, reason: str) -> None:
    assert reasons(outcome(), machine=QUIET) == ()
    assert reasons(outcome(), machine=machine) == (reason,)


def test_what_overloads_a_server_is_no_fault_of_the_measurement() -> None:
    load = outcome([sample(due)._replace(taken=due + 1) for due, _ in plan().schedule()])
    made = summarise.generator(load, "k6", cpus=2)
    assert void(load, made, None, FINE) == ()
    assert len(overload(load, made, summarise.little(load))) == 1


def test_what_was_never_sent_for_want_of_a_free_connection_is_the_servers_fault_and_else_the_generators() -> (
    None
):
    busy = [sample(due)._replace(taken=due + 1) for due, _ in plan().schedule()][:-5]
    idle = [sample(due) for due, _ in plan().schedule()][:-5]
    told = [summarise.generator(outcome(each), "k6", cpus=2) for each in (busy, idle)]
    assert [each.dropped for each in told] == [5, 5]
    assert [void(outcome(each), made, None, FINE) for each, made in zip((busy, idle), told, strict=True)] == [
        (),
        ("5 requests were never sent",),
    ]
    assert overload(outcome(busy), told[0], None)[1].startswith(
        "5 requests had no free connection to the end"
    )


def test_a_trial_that_its_watch_ended_is_overload_and_drops_nothing() -> None:
    whole = outcome(profile=trial(10, 58))
    load = replace(whole, samples=whole.samples[:300], stopped=True)
    made = summarise.generator(load, "k6", cpus=2)
    assert made.dropped == 0
    assert void(load, made, None, FINE) == ()
    assert overload(load, made, summarise.little(load))[0].startswith("ended early")


@pytest.mark.parametrize("part", [RATE, THESIS, SERIAL, SOAK])
def test_a_generator_that_sends_late_voids_what_the_machine_should_hold(part: str) -> None:
    late = outcome([sample(due, lag=3.5) for due, _ in plan().schedule()])
    assert reasons(late, replace(FINE, bounds=allowed(part))) == (
        "the generator sent late: lag p99 3.5 ms > 1 ms",
    )


@pytest.mark.parametrize("part", [SEARCH, CONFIRM, STEP, TRACE])
def test_where_a_load_may_be_more_than_the_machine_holds_it_may_lag_a_little_more(part: str) -> None:
    late = outcome([sample(due, lag=3.5) for due, _ in plan().schedule()])
    assert reasons(late, replace(FINE, bounds=allowed(part))) == ()
    later = outcome([sample(due, lag=5.5) for due, _ in plan().schedule()])
    assert reasons(later, replace(FINE, bounds=allowed(part))) == (
        "the generator sent late: lag p99 5.5 ms > 5 ms",
    )
