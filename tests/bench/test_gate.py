"""Worse than before, beyond the noise of both?"""

import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.__main__ import main
from bench.analysis import cost
from bench.analysis.analysis import Analysis, Row, analyse
from bench.analysis.capacities import Capacity
from bench.analysis.stored import as_json
from bench.commands.gate import BETTER, MISSING, NEW, SAME, UNKNOWN, WORSE, as_text, compare, failing, junit
from bench.errors import EvidenceError
from bench.records import store
from bench.records.estimates import Estimate
from stack.settings import Slo


@pytest.fixture(scope="module")
def before(results: Path) -> Analysis:
    return analyse(store.read(results / "made"), cost.read(cost.DEFAULT))


def scaled(row: Row, factor: float) -> Row:
    """A row whose capacity is another."""
    assert row.capacity is not None
    held = row.capacity.estimate
    assert held is not None
    assert held.low is not None
    assert held.high is not None
    other = Estimate(held.value * factor, held.low * factor, held.high * factor)
    return replace(row, capacity=Capacity(row.capacity.by_block, (), other))


def changed(found: Analysis, cell: str, row: Row | None) -> Analysis:
    """The same with another row, or without it."""
    rows = (row if each.cell == cell else each for each in found.rows)
    return replace(found, rows=tuple(each for each in rows if each is not None))


def words(before: Analysis, now: Analysis, measure: str = "SLO capacity") -> dict[str, str]:
    return {check.cell: check.word for check in compare(before, now) if check.measure == measure}


def test_the_same_experiment_is_no_worse(before: Analysis) -> None:
    checks = compare(before, before)
    assert {check.word for check in checks} == {SAME}
    assert failing(checks, strict=True) == ()


def test_twins_and_port_forward_are_no_business_of_the_gate(before: Analysis) -> None:
    assert {check.cell for check in compare(before, before)} == {
        "tf-default",
        "torch-batch",
        "torch-hpa",
        "tf-batch-tuned",
    }


def test_a_capacity_that_fell_beyond_the_noise_is_worse_and_one_that_rose_is_better(before: Analysis) -> None:
    row = before.row("tf-default")
    assert words(before, changed(before, "tf-default", scaled(row, 0.5)))["tf-default"] == WORSE
    assert words(before, changed(before, "tf-default", scaled(row, 2.0)))["tf-default"] == BETTER


def test_a_change_within_the_noise_is_none_however_narrow_its_interval(before: Analysis) -> None:
    row = before.row("tf-default")
    assert row.capacity is not None
    assert row.capacity.estimate is not None
    value = row.capacity.estimate.value
    narrow = replace(row, capacity=replace(row.capacity, estimate=Estimate(value, value, value)))
    lower = scaled(narrow, 0.99)
    old = changed(before, "tf-default", narrow)
    assert words(old, changed(before, "tf-default", lower))["tf-default"] == SAME


def test_overlapping_intervals_are_no_difference_however_far_the_values(before: Analysis) -> None:
    row = before.row("tf-default")
    assert row.capacity is not None
    wide = replace(row, capacity=replace(row.capacity, estimate=Estimate(10.0, 1.0, 900.0)))
    assert words(before, changed(before, "tf-default", wide))["tf-default"] == SAME


def test_holding_nothing_any_more_is_worse_and_never_having_held_is_not(before: Analysis) -> None:
    none = scaled(before.row("tf-default"), 0.0)
    assert words(before, changed(before, "tf-default", none))["tf-default"] == WORSE
    assert words(before, before)["torch-batch"] == SAME


def test_a_slower_p95_is_worse(before: Analysis) -> None:
    row = before.row("tf-default")
    slow = tuple(
        replace(load, latency={name: _times(each, 3.0) for name, each in load.latency.items()})
        for load in row.loads
    )
    now = changed(before, "tf-default", replace(row, loads=slow))
    assert words(before, now, "p95, thesis profile")["tf-default"] == WORSE
    assert words(now, before, "p95, thesis profile")["tf-default"] == BETTER


def _times(found: Estimate, factor: float) -> Estimate:
    assert found.low is not None
    assert found.high is not None
    return Estimate(found.value * factor, found.low * factor, found.high * factor)


def test_without_a_known_noise_nothing_fails(before: Analysis) -> None:
    old = replace(before, noise=())
    now = changed(old, "tf-default", scaled(before.row("tf-default"), 0.1))
    checks = compare(old, now)
    assert {check.word for check in checks} == {UNKNOWN}
    assert failing(checks, strict=False) == ()


def test_stacks_that_are_missing_or_new_are_named_and_fail_only_if_strict(before: Analysis) -> None:
    fewer = changed(before, "torch-hpa", None)
    gone, come = compare(before, fewer), compare(fewer, before)
    assert [(check.cell, check.word) for check in gone if check.word == MISSING] == [("torch-hpa", MISSING)]
    assert [(check.cell, check.word) for check in come if check.word == NEW] == [("torch-hpa", NEW)]
    assert not failing(gone, strict=False)
    assert failing(gone, strict=True)
    assert failing(come, strict=True)


def test_another_objective_cannot_be_compared(before: Analysis) -> None:
    with pytest.raises(EvidenceError, match="BASELINE: expected the objective"):
        compare(before, replace(before, slo=Slo(p95_millis=20)))


def test_junit_tells_failures_and_what_was_skipped(before: Analysis) -> None:
    now = changed(changed(before, "tf-default", scaled(before.row("tf-default"), 0.5)), "torch-hpa", None)
    checks = compare(before, now)
    bad = failing(checks, strict=False)
    suite = ElementTree.fromstring(junit(checks, bad))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (str(len(checks)), "1", "1")
    (failure,) = suite.iter("failure")
    assert str(failure.get("message")).startswith("worse: ")
    assert as_text(checks, bad).splitlines()[-2].startswith("worse         tf-default: SLO capacity: ")


def test_the_command_fails_only_where_something_is_worse(
    results: Path, before: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, better = tmp_path / "kept.json", tmp_path / "better.json"
    kept.write_text(as_json(before))
    better.write_text(as_json(changed(before, "tf-default", scaled(before.row("tf-default"), 5.0))))
    arguments = ["made", "--results", str(results), "--junit", str(tmp_path / "ci" / "junit.xml")]
    assert main(["gate", str(kept), *arguments]) == 0
    assert "nothing fails in" in capsys.readouterr().out
    assert main(["gate", str(better), *arguments]) == 1
    assert "1 of " in capsys.readouterr().out
    assert ElementTree.parse(tmp_path / "ci" / "junit.xml").getroot().get("failures") == "1"


@pytest.mark.parametrize("content", ["", "{}", '{"schema": 99}'])
def test_a_bad_baseline_is_one_clear_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text(content)
    assert main(["gate", str(file), "made", "--results", str(results)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("gate: BASELINE: expected ")
    assert said.count("\n") == 1


def test_a_quick_experiment_says_that_nothing_could_be_compared(
    results: Path, before: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(as_json(replace(before, noise=())))
    shutil.copytree(results / "made" / "tf-default", tmp_path / "results" / "one" / "tf-default")
    assert main(["gate", str(kept), "one", "--results", str(tmp_path / "results")]) == 0
    assert "nothing could be compared" in capsys.readouterr().err
