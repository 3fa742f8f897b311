"""How many pods a HorizontalPodAutoscaler wishes for, by the cases of Kubernetes' documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.whatif.hpa import CpuLoop, Tolerance, by_average, by_cpu, groups, starts, utilization
from bench.whatif.pace import Pace
from bench.whatif.seen import History, PodSeen, Seen, Usage

NOW = 1000.0
REQUEST = 0.1  # cores
TENTH = Tolerance()


def pod(cores: float | None, *, ready: bool = True, started: float = 0.0, changed: float = 5.0) -> PodSeen:
    """An old pod, ready for long, with a metric of the last 15 s unless `cores` is None."""
    usage = None if cores is None else Usage(cores, NOW - 5, 15.0)
    return PodSeen(started, ready, changed, usage)


def wish(pods: list[PodSeen], target: float = 100.0, tolerance: Tolerance = TENTH) -> int:
    """Of so many replicas as there are pods."""
    return by_cpu(Seen(NOW, len(pods), tuple(pods)), REQUEST, target, tolerance)[0]


def test_twice_the_target_doubles_and_half_of_it_halves() -> None:
    assert wish([pod(0.2)] * 2) == 4
    assert wish([pod(0.05)] * 4) == 2


def test_a_fraction_of_a_pod_is_a_whole_one() -> None:
    assert wish([pod(0.12)] * 3) == 4
    assert wish([pod(0.085)] * 3) == 3, "2.55 pods"


@pytest.mark.parametrize(("cores", "pods"), [(0.109, 10), (0.110, 10), (0.112, 12), (0.091, 10), (0.0899, 9)])
def test_within_a_tenth_of_the_target_nothing_changes(cores: float, pods: int) -> None:
    assert wish([pod(cores)] * 10) == pods


def test_an_autoscalers_own_tolerance_counts_for_each_way_by_itself() -> None:
    assert wish([pod(0.105)] * 10, tolerance=Tolerance(up=0.0, down=0.5)) == 11
    assert wish([pod(0.06)] * 10, tolerance=Tolerance(up=0.0, down=0.5)) == 10


def test_utilization_is_in_whole_per_cent_of_what_the_pods_request() -> None:
    assert utilization(0.29, 1, 0.1) == 290
    assert utilization(0.0199, 2, 0.01) == 99
    assert by_cpu(Seen(NOW, 1, (pod(0.1699),)), REQUEST, 50.0, TENTH) == (4, 169), (
        "the thesis's 169 % of 50 %"
    )


def test_without_any_metric_the_number_stays_and_is_not_known() -> None:
    assert by_cpu(Seen(NOW, 3, (pod(None),) * 3), REQUEST, 50.0, TENTH) == (3, None)
    assert by_cpu(Seen(NOW, 3, ()), REQUEST, 50.0, TENTH) == (3, None)
    loop = CpuLoop(REQUEST, 50.0, (1, 10), Pace())
    assert loop.decide(Seen(NOW, 3, (pod(None),)), History()).replicas == 3


def test_a_missing_metric_counts_as_idle_where_more_pods_are_wished_for() -> None:
    assert wish([pod(0.3), pod(0.3), pod(None)]) == 6, "200 % of three, not 300 % of two"
    assert wish([pod(0.15), pod(None)]) == 2, "75 % would turn the direction"


def test_a_missing_metric_counts_as_the_whole_request_where_fewer_are() -> None:
    assert wish([pod(0.02), pod(0.02), pod(None)]) == 2, "46 % of three"
    assert wish([pod(0.02), pod(None)], target=50.0) == 2, "60 % of the request would turn the direction"
    assert wish([pod(0.2), pod(0.2), pod(None)], target=300.0) == 3, (
        "the target, if that is above the request"
    )


def test_a_pod_that_is_not_ready_counts_as_idle_upwards_and_not_at_all_downwards() -> None:
    new = pod(0.0, ready=False, started=NOW - 20, changed=NOW - 20)
    assert wish([pod(0.3), new]) == 3, "150 % of two"
    assert wish([pod(0.15), new]) == 2, "75 % of two would turn the direction"
    assert wish([pod(0.05), pod(0.05), new]) == 1, "50 % of the two that are ready"


def test_pods_that_end_and_pods_that_have_not_started_are_told_apart() -> None:
    ending = PodSeen(0.0, True, 5.0, Usage(0.5, NOW - 5, 15.0), ending=True)
    pending = PodSeen(NOW - 1, False, NOW - 1, None, pending=True)
    found = groups(NOW, (pod(0.1), ending, pending, pod(None)))
    assert (found.counted, found.unready, found.missing) == ((pod(0.1),), (pending,), (pod(None),))


@pytest.mark.parametrize(
    ("started", "ready", "changed", "taken", "ignored"),
    [
        (NOW - 60, True, NOW - 50, NOW - 5, False),
        (NOW - 60, True, NOW - 50, NOW - 36, True),
        (NOW - 60, False, NOW - 60, NOW - 5, True),
        (NOW - 400, True, NOW - 10, NOW - 5, False),
        (NOW - 400, False, NOW - 390, NOW - 5, True),
        (NOW - 400, False, NOW - 100, NOW - 5, False),
    ],
    ids=[
        "new, a metric wholly since it is ready",
        "new, a metric from before",
        "new, not ready",
        "old, ready again just now",
        "old, never ready",
        "old, was ready once",
    ],
)
def test_the_cpu_of_a_start_is_ignored_for_five_minutes_and_of_a_pod_never_ready(
    started: float, ready: bool, changed: float, taken: float, ignored: bool
) -> None:
    assert starts(NOW, PodSeen(started, ready, changed, Usage(0.5, taken, 15.0))) is ignored


def test_an_external_metric_is_shared_by_all_replicas_ready_or_not() -> None:
    assert by_average(2, 17.0, 4.0, TENTH) == 5
    assert by_average(4, 17.0, 4.0, TENTH) == 4, "1.06 of the target"
    assert by_average(4, 0.0, 4.0, TENTH) == 0, "the bounds keep it from that"


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8),
    st.integers(0, 3),
    st.sampled_from([20.0, 50.0, 80.0, 150.0]),
)
def test_what_is_not_known_never_makes_the_change_larger(
    known: list[float], missing: int, target: float
) -> None:
    sure = wish([pod(cores) for cores in known], target)
    replicas = len(known) + missing
    found = wish([*(pod(cores) for cores in known), *[pod(None)] * missing], target)
    if sure > len(known):
        assert replicas <= found <= max(sure + 1, replicas), "whole per cent may make one pod of difference"
    if sure < len(known):
        assert min(sure - 1, replicas) <= found <= replicas
