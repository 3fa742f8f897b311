"""A cell's figures under each kind of load."""

from dataclasses import replace

import pytest

from bench.analysis.loads import busiest, find, loads, usage
from bench.records.parts import CONFIRM, RATE, SERIAL, THESIS
from bench.records.profile import Open, Phase
from bench.records.run import Latency
from tests.bench.analysis.made import cell, held, made, part, pod


def test_percentiles_are_medians_over_runs_and_never_pooled() -> None:
    quick = [made(block=n, total=part(10.0, requests=10)) for n in (1, 2)]
    (only,) = loads(cell(*quick, made(block=3, total=part(900.0, requests=100_000))))
    assert only.latency["p95"].value == 10.0
    assert (only.runs, only.blocks, only.requests, only.worst) == (3, 3, 100_020, 900.0)


def test_failures_are_counted_over_all_runs() -> None:
    (only,) = loads(cell(made(total=part(failed=3)), made(block=2, total=part(failed=1))))
    assert only.failed == 4
    assert only.failed * 500 == only.requests


def test_every_kind_of_load_stands_by_itself_and_void_runs_in_none() -> None:
    found = loads(cell(made(), made(SERIAL), *held(1, 90), made(RATE, void=["late"])))
    assert [each.label for each in found] == [
        "thesis profile",
        "one request in flight",
        "at the SLO capacity",
    ]
    assert find(found, THESIS) is found[0]
    assert busiest(found) is found[2]
    assert found[2].offered == 90


def test_each_rate_of_a_run_is_a_load_and_tells_no_cpu_of_its_own() -> None:
    profile = Open((Phase(10, 60), Phase(40, 60)))
    run = replace(made(RATE, profile=profile, pods=[pod()]), phases=(part(9.0, 10.0), part(30.0, 40.0)))
    slow, fast = loads(cell(run))
    assert (slow.label, slow.offered, fast.label, fast.latency["p95"].value) == ("10/s", 10.0, "40/s", 30.0)
    assert slow.usage is None


def test_a_load_that_nobody_answered_has_no_latency() -> None:
    (only,) = loads(cell(made(total=replace(part(failed=1000), latency=None))))
    assert (dict(only.latency), only.worst, only.failed) == ({}, None, only.requests)


def test_runs_with_too_few_requests_for_a_percentile_are_counted() -> None:
    few = replace(part(), latency=replace(_latency(), too_few={"p99": "1000 of 6085 requests"}))
    (only,) = loads(cell(made(total=few), made(block=2)))
    assert dict(only.too_few) == {"p95": 0, "p99": 1}


def _latency() -> Latency:
    found = part().latency
    assert found is not None
    return found


def test_cpu_is_that_of_all_pods_for_the_requests_that_they_counted() -> None:
    found = usage([made(pods=[pod("a", 600, 3.0), pod("b", 400, 5.0), pod("idle", 0, 2.0)])])
    assert found.cpu_per_1000 == pytest.approx(10.0)
    assert found.throttled == pytest.approx(0.1)
    assert (found.pods, found.service_millis, found.queue_millis) == (2, 8.0, None)


def test_pods_that_nothing_is_known_of_leave_the_figures_out() -> None:
    assert usage([made(), made(pods=[pod(requests=0)])]).cpu_per_1000 is None
    assert CONFIRM not in {each.part for each in loads(cell(made()))}
