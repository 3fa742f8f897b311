"""Pods, nodes and cost of a rate."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.candidates import Candidate, Unmeasured
from bench.analysis.nodes import Node
from bench.analysis.sizing import HOURS, Demand, Sized, Terms, size
from bench.records.estimates import Estimate
from stack import settings
from stack.settings import Slo
from stack.settings.scaling import HPA_TOLERANCE

NODE = Node("large", 8.0, 32.0, 0.4)
FIXED = Candidate(
    experiment="made",
    measured="2026-11-25",
    stack="tf-threads",
    server="tensorflow",
    is_stand_in=False,
    sets={"servers": ["tensorflow"], "tensorflow": {"intraOpThreads": 1}},
    slo=Slo(),
    capacity=Estimate(150.0, 125.0, 160.0),
    floor=1.25,
    pods=1.0,
    cores=1.85,
    used=1.2,
    limit="node: all of it",
)
SCALED = replace(
    FIXED,
    stack="tf-hpa",
    sets={
        "servers": ["tensorflow"],
        "autoscaling": {"minReplicas": 2, "maxReplicas": 3, "targetCpuUtilization": 50},
        "resources": {"cpuRequest": "500m", "cpuLimit": "1"},
    },
    capacity=Estimate(300.0, 250.0, 320.0),
    pods=2.0,
    cores=0.9,
    used=0.6,
)


def sized(
    candidate: Candidate, rate: float, *, trough: float | None = None, terms: Terms | None = None
) -> Sized:
    (found,), _ = size([candidate], Demand(rate, trough, Slo()), terms or Terms(NODE))
    return found


def test_a_pod_is_planned_with_the_low_end_of_its_interval_less_the_noise() -> None:
    found = sized(FIXED, 1000)
    assert (found.each, found.planned) == (150.0, 100.0)
    assert found.pods == found.least == 10


def test_a_capacity_of_several_pods_counts_as_many() -> None:
    assert sized(replace(FIXED, pods=2.0), 1000).pods == 20


def test_pods_are_packed_by_the_cpu_that_they_had_and_the_stack_requests_it() -> None:
    found = sized(FIXED, 1000)
    assert (found.request.cores, found.per_node) == (1.85, 4)
    assert found.nodes == 3  # 10 pods and one of a rollout
    assert found.month == pytest.approx(3 * 0.4 * HOURS)
    assert settings.read(found.sets).resources.cpu_request == "1850m"


def test_a_request_that_is_larger_anyway_stays_as_it_is() -> None:
    large = replace(FIXED, sets={**FIXED.sets, "resources": {"cpuRequest": "2"}})
    assert sized(large, 1000).request.cores == 2.0
    assert sized(large, 1000).sets["resources"] == {"cpuRequest": "2"}


def test_requests_may_be_kept() -> None:
    found = sized(FIXED, 1000, terms=Terms(NODE, keep_requests=True))
    assert (found.request.cores, found.per_node, found.nodes) == (0.25, 31, 1)
    assert "resources" not in found.sets


def test_an_autoscaler_has_as_many_pods_as_its_target_asks_for() -> None:
    found = sized(SCALED, 500)
    assert found.target == 27  # of 900m, so that a pod still has 250m, rounded down
    cores = 500 * 0.004  # CPU seconds of a request: 2 pods × 0.6 cores ÷ 300
    assert found.pods == -(-cores // (0.9 * 0.27))
    assert found.least == 2


def test_a_target_is_lowered_until_it_keeps_pods_to_what_they_were_shown_to_hold() -> None:
    lazy = replace(SCALED, sets={**SCALED.sets, "autoscaling": {"targetCpuUtilization": 180}})
    found = sized(lazy, 1000)
    assert found.target is not None
    assert found.request.cores * found.target / 100 * (1 + HPA_TOLERANCE) <= 100 * 0.004
    assert settings.read(found.sets).autoscaling is not None


def test_trough_and_peak_are_an_autoscalers_least_and_most() -> None:
    found = sized(SCALED, 1000, trough=200)
    scaling = settings.read(found.sets).autoscaling
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas) == (found.least, found.pods)
    assert found.least == sized(SCALED, 200).pods


def test_the_cheapest_comes_first_then_the_fewest_pods_then_the_most_room() -> None:
    dear = replace(FIXED, stack="dear", capacity=Estimate(75.0, 62.5, 80.0))
    roomy = replace(FIXED, stack="roomy", capacity=Estimate(151.0, 126.0, 160.0))
    found, _ = size([dear, FIXED, roomy], Demand(1000, None, Slo()), Terms(NODE))
    assert [each.candidate.stack for each in found] == ["roomy", "tf-threads", "dear"]


def test_a_stricter_objective_is_not_measured_and_a_looser_one_is() -> None:
    known = [FIXED]
    found, without = size(known, Demand(100, None, Slo(p95_millis=30, p99_millis=100)), Terms(NODE))
    assert not found
    assert without[0].why == "not measured: its capacity is for slo.p95Millis 50"
    assert without[0].command.startswith("pulumi config set -s tf-threads --path slo.p95Millis 30 && ")
    found, without = size(known, Demand(100, None, Slo(80, 100)), Terms(NODE))
    assert found and not without
    assert settings.read(found[0].sets).slo == Slo(80, 100)


def unsized(candidate: Candidate, rate: float, node: Node = NODE) -> Unmeasured:
    _, (found,) = size([candidate], Demand(rate, None, Slo()), Terms(node))
    return found


def test_a_pod_that_fits_on_no_node_and_more_pods_than_a_stack_may_have_are_told() -> None:
    small = unsized(FIXED, 100, Node("small", 1.0, 4.0, 0.1))
    assert small.why.startswith("a pod reserves 1.85 cores and 0.50 GiB, a node offers 0.94 and 2.90: ")
    assert unsized(FIXED, 1e6).why == "would take 10,000 pods, and more than 5,000 no stack may have"


@given(st.floats(0.1, 400_000), st.sampled_from([FIXED, SCALED]), st.booleans())
def test_every_size_holds_its_rate_and_is_accepted_as_a_stack(
    rate: float, candidate: Candidate, keep: bool
) -> None:
    found, without = size([candidate], Demand(rate, rate / 3, Slo()), Terms(NODE, keep))
    for each in found:
        assert each.pods * each.planned >= rate * (1 - 1e-9)
        assert (each.pods - 1) * each.planned < rate
        assert each.least <= each.pods < each.nodes * each.per_node + 1
        read = settings.read(each.sets)
        most = read.autoscaling.max_replicas if read.autoscaling else read.replicas
        assert most == each.pods
    assert found or "pods" in without[0].why
