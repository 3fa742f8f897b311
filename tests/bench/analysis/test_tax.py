"""What serving adds to the model."""

import pytest

from bench.analysis.tax import taxes
from bench.records.baseline import Baseline, ServiceTime
from bench.records.experiment import SCHEMA
from bench.records.parts import SERIAL
from bench.records.run import Summary
from tests.bench.analysis.made import cell, made, part


def alone(block: int, millis: float, arm: str = "a") -> Baseline:
    """One row in process; more rows take longer."""
    times = (ServiceTime(1, 100, millis), ServiceTime(8, 100, 5 * millis))
    return Baseline(SCHEMA, "made", arm, arm, "tensorflow", block, "TF 2", 2, "the pod", times)


def serial(block: int, p50: float) -> Summary:
    """One request in flight."""
    return made(SERIAL, block, total=part(2 * p50))


def test_the_tax_is_the_ratio_of_one_row_by_block() -> None:
    runs = cell(serial(1, 10.0), serial(2, 18.0), serial(3, 99.0))
    (found,) = taxes([runs], [alone(1, 5.0), alone(2, 9.0)])
    assert found.ratio.value == pytest.approx(2.0)
    assert (found.blocks, found.runtime, found.threads, found.where) == (2, "TF 2", 2, "the pod")
    assert (found.served_millis, found.in_process_millis) == (14.0, 7.0)


def test_times_of_another_arm_are_not_used() -> None:
    assert taxes([cell(serial(1, 10.0))], [alone(1, 5.0, arm="b")]) == ()


def test_without_one_request_in_flight_there_is_no_tax() -> None:
    assert taxes([cell(made())], [alone(1, 5.0)]) == ()
