"""The story of a scale-out is told by events at their times."""

from dataclasses import replace
from itertools import pairwise

from bench.collect import timeline
from bench.collect.timeline import State, events, split
from bench.records.events import (
    CREATED,
    ENDING,
    FIRST,
    GROW,
    GROWN,
    IN,
    LOAD,
    LOAD_ENDS,
    OUT,
    READY,
    SEEN,
    SHRINK,
    Event,
    Held,
    scaled_in,
    scaled_out,
    steps,
)
from bench.subject.objects import Pod
from bench.subject.vertical import Bounds, Vertical
from tests.bench.scenes import autoscaler, pod

TORCH = "torchserve"
CALM = autoscaler(TORCH)
HOT = replace(CALM, seen=169)
OUTWARD = replace(HOT, desired=2)
OLD, NEW = pod(TORCH), pod(TORCH, "torchserve-2")
STARTING = replace(NEW, ready_since=None)
STORY = (
    State(0, (CALM,), (OLD,), {"torchserve-1": 40}),
    State(10, (HOT,), (OLD,), {"torchserve-1": 90}),
    State(11, (OUTWARD,), (OLD, STARTING), {"torchserve-1": 95}),
    State(19, (OUTWARD,), (OLD, NEW), {"torchserve-1": 135, "torchserve-2": 0}),
    State(20, (OUTWARD,), (OLD, NEW), {"torchserve-1": 138, "torchserve-2": 3}),
    State(80, (replace(CALM, desired=1),), (OLD, replace(NEW, ending=True)), {}),
    State(90, (CALM,), (OLD,), {}),
)


def test_the_load_that_keda_scales_by_is_told_as_such() -> None:
    calm = replace(CALM, external="s0-prometheus", target=0.5, seen=0.1)
    hot = replace(calm, seen=1.316)
    (event,) = events(State(0, (calm,), (OLD,), {}), State(9, (hot,), (OLD,), {}))
    assert event.detail == "load 1.32 > 0.5"


def told() -> list[Event]:
    found = [Event(5, "", LOAD, "20 requests/s")]
    for before, now in pairwise(STORY):
        found += events(before, now)
    return found


def test_a_scale_out_and_back_is_told_in_order() -> None:
    assert [(event.seconds, event.what, event.detail) for event in told()[1:]] == [
        (10, SEEN, "CPU 169% > 50%"),
        (11, OUT, "1 → 2 pods"),
        (11, CREATED, "torchserve-2"),
        (19, READY, "torchserve-2"),
        (20, FIRST, "torchserve-2"),
        (80, IN, "2 → 1 pods"),
        (80, ENDING, "torchserve-2"),
    ]


def test_the_first_look_of_an_autoscaler_decides_nothing_unless_it_wants_other_pods() -> None:
    fresh = State(0, (replace(CALM, desired=0, current=0),), (OLD,), {})
    assert events(fresh, State(1, (CALM,), (OLD,), {})) == ()
    assert [each.detail for each in events(fresh, State(1, (replace(CALM, desired=2),), (OLD,), {}))] == [
        "1 → 2 pods"
    ]
    assert events(State(0, (CALM,), (OLD,), {}), fresh) == ()


def test_a_scale_out_is_whole_once_a_new_pod_answers_and_a_scale_in_once_one_ends() -> None:
    story = [*told()[:6], Event(60, "", LOAD_ENDS, ""), *told()[6:]]
    assert [scaled_out(story[:count], TORCH) for count in range(4, 8)] == [False, False, True, True]
    assert [scaled_in(story[:count], TORCH) for count in range(6, 10)] == [False, False, False, True]
    assert not scaled_out(story, "another")
    assert not scaled_in(story, "another")


def test_a_pod_that_got_more_cpu_and_then_less_has_scaled_out_and_in() -> None:
    order = [LOAD, SEEN, GROW, GROWN, LOAD_ENDS, SHRINK]
    story = [
        Event(float(at), "" if what in (LOAD, LOAD_ENDS) else TORCH, what, "")
        for at, what in enumerate(order)
    ]
    assert [scaled_out(story[:count], TORCH) for count in (3, 4)] == [False, True]
    assert [scaled_in(story[:count], TORCH) for count in (5, 6)] == [False, True]


def test_nothing_happens_between_equal_states() -> None:
    assert events(STORY[0], replace(STORY[0], seconds=1)) == ()


def test_a_pod_that_is_simply_gone_has_ended() -> None:
    assert [event.what for event in events(STORY[4], replace(STORY[0], autoscalers=(OUTWARD,)))] == [ENDING]


def test_a_pod_ready_at_first_sight_is_created_and_ready() -> None:
    found = events(STORY[0], State(1, (CALM,), (OLD, NEW), {"torchserve-1": 40, "torchserve-2": 1}))
    assert [event.what for event in found] == [CREATED, READY, FIRST]


def test_steps_are_counted_from_the_loads_start() -> None:
    assert steps(told()) == {TORCH: {SEEN: 5, OUT: 6, CREATED: 6, READY: 14, FIRST: 15}}


def test_a_pod_seen_before_the_decision_loses_no_step() -> None:
    order = [LOAD, CREATED, SEEN, OUT, READY]
    story = [Event(float(at), "" if what == LOAD else TORCH, what, "new") for at, what in enumerate(order)]
    assert steps(story) == {TORCH: {CREATED: 1, SEEN: 2, OUT: 3, READY: 4}}


def test_readiness_of_an_older_pod_is_no_step() -> None:
    story = [
        Event(0, "", LOAD, ""),
        Event(1, TORCH, READY, "torchserve-1"),
        Event(2, TORCH, CREATED, "torchserve-2"),
        Event(3, TORCH, FIRST, "torchserve-1"),
        Event(4, TORCH, READY, "torchserve-2"),
    ]
    assert steps(story) == {TORCH: {CREATED: 2, READY: 4}}


def test_without_a_load_there_are_no_steps() -> None:
    assert steps([event for event in told() if event.what != LOAD]) == {}


def test_what_happened_before_the_load_is_no_step() -> None:
    story = [Event(1, TORCH, SEEN, ""), Event(5, "", LOAD, ""), Event(9, TORCH, SEEN, "")]
    assert steps(story) == {TORCH: {SEEN: 4}}


def test_the_split_is_the_difference_of_the_counters_by_pod() -> None:
    other = pod("tensorflow")
    before = State(5, (), (OLD, other), {"torchserve-1": 40, other.name: 7})
    after = State(60, (), (OLD, NEW, other), {"torchserve-1": 240, "torchserve-2": 100, other.name: 9})
    assert split(before, after, TORCH) == {"torchserve-1": 200, "torchserve-2": 100}


def test_a_pod_whose_counter_was_not_read_is_not_in_the_split() -> None:
    assert split(State(0, (), (), {}), State(1, (), (STARTING,), {}), TORCH) == {}
    assert timeline.split(STORY[0], STORY[2], TORCH) == {"torchserve-1": 55}


def sized(asked: str, has: str) -> Pod:
    """A pod with a CPU limit that is asked for and one that it has; its request is half of each."""
    half = {each: f"{int(each[:-1]) // 2}m" for each in (asked, has)}
    (container,) = OLD.containers
    container = replace(
        container,
        requests={"cpu": half[asked]},
        limits={"cpu": asked},
        has_requests={"cpu": half[has]},
        has_limits={"cpu": has},
    )
    return replace(OLD, containers=(container,))


def vertical(target: str) -> Vertical:
    return Vertical("x", TORCH, TORCH, "", "", "", Bounds("1m", target, "2"), {})


GROWTH = (
    State(0, (), (sized("700m", "700m"),), {}, (vertical("350m"),)),
    State(20, (), (sized("700m", "700m"),), {}, (vertical("600m"),)),
    State(30, (), (sized("1200m", "700m"),), {}, (vertical("600m"),)),
    State(32, (), (sized("1200m", "1200m"),), {}, (vertical("600m"),)),
    State(90, (), (sized("800m", "800m"),), {}, (vertical("400m"),)),
)


def test_a_pod_that_grows_in_place_is_seen_decided_and_done() -> None:
    found = [Event(5, "", LOAD, "")]
    for before, now in pairwise(GROWTH):
        found += events(before, now)
    assert [(event.seconds, event.what, event.detail) for event in found[1:]] == [
        (20, SEEN, "recommended 600m > 350m"),
        (30, GROW, "limit 700m → 1200m"),
        (32, GROWN, "limit 700m → 1200m"),
        (90, SHRINK, "limit 1200m → 800m"),
    ]
    assert steps(found) == {TORCH: {SEEN: 15, GROW: 25, GROWN: 27}}


def test_a_pod_holds_what_it_has_until_its_node_gave_it_more() -> None:
    assert [timeline.held(state, TORCH).cores for state in GROWTH] == [0.35, 0.35, 0.35, 0.6, 0.4]


def test_a_pod_that_ends_holds_its_cpu_until_it_is_gone() -> None:
    assert timeline.held(STORY[5], TORCH) == Held(80, 2, 1, 0.5)
    assert timeline.held(STORY[6], TORCH) == Held(90, 1, 1, 0.25)
