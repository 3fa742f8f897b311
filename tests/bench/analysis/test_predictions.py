"""The capacity model beside what was measured."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bench.analysis.capacities import capacity
from bench.analysis.cells import Cell
from bench.analysis.predictions import Predicted, predictions
from bench.records.baseline import Baseline, ServiceTime
from bench.records.expected import Expected
from bench.records.experiment import SCHEMA
from bench.records.parts import SERIAL
from bench.records.run import Machine, Summary
from tests.bench.analysis.made import cell, held, made, part, pod


def alone(arm: str) -> Baseline:
    """3 ms a call and 1 ms a row in process."""
    times = tuple(ServiceTime(rows, 100, 3.0 + rows) for rows in (1, 8))
    return Baseline(SCHEMA, "made", arm, arm, "tensorflow", 1, "TF 2", 1, "the pod", times)


BATCHING = {"tensorflow": {"batching": {"maxBatchSize": 10, "timeoutMicros": 5000}}}


def serial(
    pod_cpu_millis: float,
    generator_millis: float = 0.0,
    others: float = 0.0,
    settings: Mapping[str, object] | None = None,
) -> Summary:
    """A thousand requests, one in flight at a time, over 10 s of a machine with two cores."""
    machine = Machine(2, 10.0, 0.0, pod_cpu_millis, generator_millis, others, 0.0)
    run = made(SERIAL, total=part(12.0), pods=[pod(cpu=pod_cpu_millis)], settings=settings)
    return replace(run, machine=machine)


def found(*cells_: Cell) -> dict[str, Predicted]:
    capacities = {each.name: capacity(each) for each in cells_}
    known = predictions(cells_, capacities, [alone(each.arm.name) for each in cells_])
    return {each.cell: each for each in known}


def test_the_cpu_of_one_request_lowers_the_capacity() -> None:
    light = found(cell(serial(4.0)))["a"].predicted
    heavy = found(cell(serial(8.0)))["a"].predicted
    assert heavy == pytest.approx(light / 2, rel=0.15)


@pytest.mark.parametrize("run", [serial(4.0, generator_millis=4.0), serial(4.0, others=10.0)])
def test_the_generator_and_other_programs_take_their_share_of_the_cores(run: Summary) -> None:
    assert found(cell(run))["a"].predicted == pytest.approx(
        found(cell(serial(4.0)))["a"].predicted / 2, rel=0.2
    )


def test_what_a_pod_does_while_it_waits_for_a_batch_costs_nothing() -> None:
    idle, busy = (
        found(cell(serial(4.0)), cell(serial(cpu, settings=BATCHING), name="batching"))["batching"]
        for cpu in (4.0, 40.0)
    )
    assert idle.predicted == busy.predicted


def test_a_stack_without_one_request_in_flight_is_predicted_without_its_overhead() -> None:
    only = found(cell(*held(1, 100.0)))["a"]
    assert not only.from_serial
    assert only.error == pytest.approx(only.predicted / 100 - 1)


def test_without_times_in_process_there_is_nothing_to_predict_from() -> None:
    own = cell(serial(4.0))
    assert predictions([own], {own.name: capacity(own)}, []) == ()


def test_a_run_through_port_forward_is_not_predicted() -> None:
    assert found(cell(serial(4.0), forward=True)) == {}


def test_a_forecast_stands_beside_what_its_own_block_then_held() -> None:
    own = cell(serial(4.0), *held(1, 100.0), *held(2, 200.0))
    told = [
        Expected(1, "a", "tensorflow", block, "2026-11-28T22:00:00+00:00", 150.0, 1, 1) for block in (3, 2, 1)
    ]
    (made,) = predictions([own], {own.name: capacity(own)}, [alone("a")], told)
    assert [(each.block, each.held, each.error) for each in made.beforehand] == [
        (1, 100.0, pytest.approx(0.5)),
        (2, 200.0, pytest.approx(-0.25)),
        (3, None, None),
    ]
