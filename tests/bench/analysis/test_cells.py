"""Which runs belong together and which may be used."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.cells import baseline_of, by_block, cells, reasons
from bench.errors import EvidenceError, ReadError
from bench.load.profiles import stepping
from bench.records.events import Held
from bench.records.parts import RATE, SEARCH, STEP, THESIS
from bench.records.run import PORT_FORWARD, Summary
from bench.records.store import Evidence, Run
from stack.files import path, stack_settings
from stack.settings.scaling import HPA, VPA
from tests.bench.analysis.made import cell, made, part, pod


def evidence(*summaries: Summary) -> Evidence:
    return Evidence(None, (), tuple(Run(Path("/nowhere"), each) for each in summaries), ())


def _longest(made_: Summary) -> float | None:
    return made_.total.latency.max if made_.total.latency else None


def test_each_server_of_an_arm_is_a_cell_of_its_own() -> None:
    found = cells(evidence(made(), replace(made(), server="torchserve"), replace(made(), arm="b")))
    assert [each.name for each in found] == ["a (tensorflow)", "a (torchserve)", "b"]


def test_a_pods_start_counts_once_however_many_runs_saw_it() -> None:
    first, second = replace(pod("1"), start_seconds=4.0), replace(pod("2"), start_seconds=6.0)
    runs = made(pods=[first]), made(RATE, pods=[first, second, pod("3")])
    (only,) = cells(evidence(*runs))
    assert only.starts == (4.0, 6.0)


def test_a_run_through_port_forward_does_not_compete_even_without_a_plan() -> None:
    run = made()
    (only,) = cells(evidence(replace(run, obtained=replace(run.obtained, route=PORT_FORWARD))))
    assert not only.competes


def test_no_finished_run_is_an_error() -> None:
    with pytest.raises(EvidenceError, match="expected at least one finished run"):
        cells(evidence())


def test_overload_voids_a_steady_load_but_is_an_answer_in_a_trial_or_a_step() -> None:
    assert reasons(made(RATE, overload=["queue"])) == ("queue",)
    assert reasons(made(RATE, overload=["queue"], void=["queue"])) == ("queue",)
    assert reasons(made(SEARCH, overload=["queue"])) == ()
    assert reasons(made(STEP, overload=["queue"], void=["queue"])) == ()
    assert reasons(made(STEP, overload=["queue"], void=["queue", "late"])) == ("late",)


@pytest.mark.parametrize(
    ("scaler", "cores", "found"),
    [(VPA, 0.35, False), (VPA, 0.476, True), (HPA, 0.7, False)],
)
@pytest.mark.parametrize("at", [-1.2, 3.0])
def test_a_step_that_vpa_knew_already_is_void(scaler: str, cores: float, found: bool, at: float) -> None:
    stack = stack_settings(path({VPA: "tf-vpa-700m", HPA: "tf-hpa-plain"}[scaler]))
    held = (Held(-1.3, 1, 1, 0.35), Held(at, 1, 1, cores), Held(40.0, 1, 1, 0.7))
    step = replace(made(STEP, profile=stepping(165, (10, 90, 5)), settings=stack), held=held)
    assert bool(reasons(step)) == found
    assert not reasons(replace(step, part=THESIS))
    assert not found or "had 0.476 cores before the step where 0.35 are asked for" in reasons(step)[0]


def test_void_runs_are_left_out_and_blocks_take_the_median_of_their_runs() -> None:
    runs = [made(total=part(p95)) for p95 in (10.0, 30.0, 50.0)]
    runs += [made(block=2, total=part(7.0)), made(block=2, total=part(99.0), void=["late"])]
    found = by_block(cell(*runs).good(THESIS), _longest)
    assert found == {1: 30.0, 2: 7.0}


def test_a_group_that_is_on_with_its_defaults_is_spelled_out() -> None:
    settings = {
        "servers": ["tensorflow"],
        "replicas": 2,
        "tensorflow": {"batching": {}},
        "slo": {"p95Millis": 9},
    }
    assert cell(made(settings=settings)).differs() == {
        "replicas": "2",
        "batching.maxBatchSize": "32",
        "batching.timeoutMicros": "1000",
        "batching.threads": "2",
        "batching.maxEnqueuedBatches": "10",
    }


def test_settings_of_another_version_name_their_cell() -> None:
    with pytest.raises(ReadError, match="a: its settings are of another version: warp: expected"):
        cell(made(settings={"warp": 9})).settings()


def test_a_cell_is_compared_with_the_same_server_of_the_baseline_where_there_is_one() -> None:
    base = replace(cell(made(), name="base"), name="base (tensorflow)")
    torch = replace(base, name="base (torchserve)", server="torchserve")
    other = replace(cell(made(), name="b"), server="torchserve")
    assert baseline_of(other, [base, torch], "base") is torch
    assert baseline_of(other, [base], "base") is base
    assert baseline_of(other, [base], "else") is None
