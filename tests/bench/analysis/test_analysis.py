"""A whole simulated experiment, from disk to its answer and back."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from bench.analysis import cost, stored
from bench.analysis.analysis import Analysis, analyse
from bench.analysis.cells import cells
from bench.analysis.curves import SHARES, curves, latencies, quantiles
from bench.analysis.stored import as_json
from bench.errors import OptionError, ReadError
from bench.load.plan import LEAD_SECONDS
from bench.records import store
from bench.records.parts import CONFIRM, THESIS

PRICES = cost.read(cost.DEFAULT)


@pytest.fixture(scope="module")
def evidence(results: Path) -> store.Evidence:
    return store.read(results / "made")


@pytest.fixture(scope="module")
def found(evidence: store.Evidence) -> Analysis:
    return analyse(evidence, PRICES)


def test_the_fastest_simulated_server_is_recommended_and_the_slow_ones_hold_nothing(found: Analysis) -> None:
    assert found.verdict is not None
    assert found.verdict.winner == "tf-batch-tuned"
    assert "torch-batch" in found.verdict.none
    assert found.verdict.is_stand_in
    assert found.conditions.stand_ins == ("tensorflow",)


def test_port_forward_is_measured_under_the_thesis_load_only(found: Analysis) -> None:
    row = found.row("tf-default@port-forward")
    assert (row.capacity, [load.part for load in row.loads]) == (None, [THESIS])
    assert not row.competes


def test_the_void_run_is_listed_with_its_reason_and_used_nowhere(found: Analysis) -> None:
    (only,) = found.void
    assert (only.cell, only.block) == ("tf-default", 2)
    assert found.row("tf-default").void == 1
    assert found.row("tf-default").loads[0].runs == 3


def test_measured_batches_follow_the_arithmetic_where_workers_are_free(found: Analysis) -> None:
    points = [load.batch for row in found.rows for load in row.loads if load.batch and load.part == THESIS]
    assert len(points) == 2
    assert all(0.8 <= point.measured / point.predicted <= 1.25 for point in points)


def test_steps_tell_recovery_failures_and_the_split(found: Analysis) -> None:
    assert {each.cell for each in found.recoveries} == {"torch-hpa"}
    for each in found.recoveries:
        assert each.violating_seconds > 0
        assert set(each.out) == {
            "metric above target",
            "decision to scale out",
            "pod created",
            "pod ready",
            "first answer",
        }
        assert len(each.split) == 2


def test_predictions_stand_beside_what_was_measured(found: Analysis) -> None:
    cells_ = {each.cell: each for each in found.predictions}
    assert "tf-default@port-forward" not in cells_
    assert cells_["tf-default"].from_serial
    assert cells_["tf-default"].error is not None
    assert cells_["torch-batch"].error is None


def test_a_stored_report_is_read_back_as_it_was(found: Analysis, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(as_json(found))
    assert asdict(stored.read(file)) == asdict(found)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "expected a report.json"),
        ("[]", "expected schema 2, got None"),
        ('{"schema": 0}', "expected schema 2, got 0"),
        ('{"schema": 2}', "is no report of this version"),
    ],
)
def test_a_file_that_is_no_report_is_one_clear_line(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(content)
    with pytest.raises(ReadError) as error:
        stored.read(file)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_baseline_that_was_not_measured_is_one_clear_line(evidence: store.Evidence) -> None:
    with pytest.raises(
        OptionError, match=r"--baseline: expected one of tf-default, .*, got warp; name an arm"
    ):
        analyse(evidence, PRICES, "warp")


def test_another_baseline_is_compared_with(evidence: store.Evidence) -> None:
    found = analyse(evidence, PRICES, "torch-hpa")
    assert {each.baseline for row in found.rows for each in row.comparisons} == {"torch-hpa"}


def test_curves_are_medians_over_runs_and_grow(evidence: store.Evidence) -> None:
    made = curves(cells(evidence))
    assert {each.part for each in made} >= {THESIS, CONFIRM}
    for each in made:
        assert (np.diff(each.middle) >= 0).all()
        assert (each.low <= each.middle).all()
        assert (each.middle <= each.high).all()


def test_quantiles_are_nearest_ranks() -> None:
    millis = np.arange(1.0, 1001.0)
    found = dict(zip(SHARES.round(6), quantiles(millis), strict=True))
    assert found[0.9] == 900
    assert found[SHARES[-1].round(6)] == 999


def test_of_a_trial_only_the_phase_that_counts_is_drawn(evidence: store.Evidence) -> None:
    run = next(run for run in evidence.runs if run.summary.part == CONFIRM)
    assert len(latencies(run)) == run.summary.judged.outcomes["200"]
    assert len(latencies(run)) < run.summary.total.requests
    assert LEAD_SECONDS > 0


def test_samples_that_are_cut_off_are_one_clear_line(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results / "made", tmp_path / "made")
    evidence = store.read(tmp_path / "made")
    file = next(run for run in evidence.runs if run.summary.part == THESIS).folder / store.SAMPLES
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ReadError, match=r"samples\.csv\.gz: unreadable"):
        curves(cells(evidence))


def test_the_answer_is_plain_json(found: Analysis) -> None:
    data = json.loads(as_json(found), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert data["verdict"]["winner"] == "tf-batch-tuned"
