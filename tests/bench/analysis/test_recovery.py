"""How long a step of the load hurts."""

from collections.abc import Sequence

import pytest

from bench.analysis.recovery import ScaleIn, firsts, scale_in, scale_out
from bench.analysis.windows import Window, recovered, windows
from bench.records.events import CREATED, FIRST, IN, OUT, READY, SEEN, Event
from bench.records.parts import STEP
from bench.records.samples import Sample
from stack.settings import Slo
from tests.bench.analysis.made import cell, made

SLO = Slo()


def seen(*violated: bool) -> tuple[Window, ...]:
    """Windows of 5 s."""
    return tuple(
        Window(5.0 * number, 100, 0, 60.0 if bad else 10.0, bad) for number, bad in enumerate(violated)
    )


def answers(second: float, *latencies: float, status: int = 200) -> list[Sample]:
    """Requests due so many seconds after the load's start, which is 1 s after the generator's."""
    due = 1000 * (1 + second)
    return [Sample(0, due, due, due, due + latency, status, 0) for latency in latencies]


def test_a_window_is_violated_by_its_p95_or_by_failures() -> None:
    samples = answers(1, *[10.0] * 20) + answers(6, *[10.0] * 15, *[90.0] * 5) + answers(11, *[10.0] * 99)
    samples += answers(12, 5.0, status=503)
    found = windows(samples, 15.0, SLO)
    assert [(each.requests, each.failed, each.violated) for each in found] == [
        (20, 0, False),
        (20, 0, True),
        (100, 1, True),
    ]


def test_a_window_without_requests_violates_nothing_and_one_without_answers_does() -> None:
    empty, dead = windows(answers(6, 10_000.0, status=0), 10.0, SLO)
    assert (empty.violated, dead.violated, dead.p95) == (False, True, None)


def test_windows_whose_requests_were_never_sent_are_violated() -> None:
    """Requests are taken in the order in which they are due, so that those not sent are the last."""
    samples = [*answers(1, *[10.0] * 20), *answers(6, *[90.0] * 20), *answers(11, *[90.0] * 9)]
    assert [each.violated for each in windows(samples, 20.0, SLO)] == [False, True, True, False]
    found = windows(samples, 20.0, SLO, unsent=30)
    assert [each.violated for each in found] == [False, True, True, True]
    assert recovered(found, 5.0, 20.0) is None, "a pod that never answers them has not recovered"
    assert all(each.violated for each in windows([], 10.0, SLO, unsent=1))


@pytest.mark.parametrize(
    ("violated", "expected"),
    [
        ((False, True, True, False, False, False), 10.0),
        ((False, True, True, False, True, False), 10.0),
        ((False, True, False, True, False, False), 0.0),
        ((True, False, False, False, False, True), 0.0),
        ((False, True, True, True, True, False), None),
    ],
)
def test_recovery_is_the_end_of_the_last_two_violations_in_a_row_while_the_load_is_high(
    violated: Sequence[bool], expected: float | None
) -> None:
    assert recovered(seen(*violated), 5.0, 25.0) == expected


def test_a_repeated_step_does_not_count_for_it_finds_the_pods_scaled_out() -> None:
    overloaded = made(STEP, 1, overload=["no connection was free"])
    runs = cell(made(STEP, 0), made(STEP, 0), overloaded, made(STEP, 1), made(STEP, 2, void=["lag"])).good(
        STEP
    )
    assert [run.summary.run for run in firsts(runs)] == ["step-0-0", "step-0-1", "step-1-2"]


def test_scale_out_is_timed_from_the_step_and_what_came_before_does_not_count() -> None:
    events = [
        Event(10, "tensorflow-serving", READY, "old"),
        Event(74, "tensorflow-serving", SEEN, ""),
        Event(76, "tensorflow-serving", OUT, ""),
        Event(77, "tensorflow-serving", CREATED, "new"),
        Event(78, "tensorflow-serving", "event Pulled", ""),
        Event(95, "tensorflow-serving", READY, "new"),
        Event(96, "tensorflow-serving", FIRST, "new"),
    ]
    assert scale_out(events, 60.0) == {SEEN: 14.0, OUT: 16.0, CREATED: 17.0, READY: 35.0, FIRST: 36.0}
    assert scale_out((), 60.0) == {}


def test_requests_count_from_the_first_decision_to_scale_in_on() -> None:
    events = [Event(at, "torchserve", what, "") for at, what in ((3, OUT), (10, IN), (20, IN))]
    samples = answers(9, 5.0, status=503) + answers(11, 5.0, 6.0) + answers(12, 5.0, status=0)
    assert scale_in(events, samples) == ScaleIn(times=2, requests=3, failed=1)
    assert scale_in(events[:1], samples) == ScaleIn(times=0, requests=0, failed=0)
