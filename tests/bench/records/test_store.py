"""What is kept can be read again; what is of another version, cut off or damaged is said, nothing is lost."""

import gzip
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bench.errors import OptionError, ReadError, WriteError
from bench.experiment.plan import FULL, Size, draw
from bench.records import store
from bench.records.baseline import Baseline, ServiceTime
from bench.records.experiment import Step
from bench.records.forecast import Forecast, Left
from bench.records.series import Drawn, Line
from stack.settings import Settings
from tests.bench.analysis.made import pod
from tests.bench.loads import evenly, outcome
from tests.bench.summaries import summary

PLAN = draw("trial", {"tf-default": Settings()}, Size(1, 0, FULL), "2026-11-24T12:00:00+00:00")
BASELINE = Baseline(
    1,
    "trial",
    "tf-default",
    "tf-default",
    "tensorflow",
    1,
    "TensorFlow 2",
    2,
    "a pod",
    (ServiceTime(1, 9, 2.5),),
)
DRAWN = (Drawn("CPU used", "cores", "sum(x)", (Line("pod-1", ((0.0, 1.5), (10.0, 1.6))),)),)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """An experiment's folder with one of everything."""
    folder = store.create(tmp_path, "trial", "tf-default", "1")
    store.keep(folder, store.SUMMARY, summary())
    store.keep_samples(folder, store.SAMPLES, outcome(evenly(10, 6)).samples)
    store.keep_series(folder, DRAWN)
    store.keep(tmp_path / "trial" / "tf-default" / "2", store.BASELINE, BASELINE)
    store.keep(tmp_path / "trial", store.EXPERIMENT, PLAN)
    store.note(tmp_path / "trial", Step(1, "tf-default", "up", "2026-11-24T12:00:00+00:00", 12.5))
    return tmp_path / "trial"


def test_everything_is_read_as_it_was_kept(kept: Path) -> None:
    found = store.read(kept)
    assert found.experiment == PLAN
    assert [step.seconds for step in found.journal] == [12.5]
    assert found.baselines == (BASELINE,)
    (run,) = found.runs
    assert run.summary == summary()
    assert run.samples() == evenly(10, 6)
    assert run.series() == DRAWN


def test_a_run_that_was_cut_off_does_not_count(kept: Path) -> None:
    (kept / "tf-default" / "1" / store.SUMMARY).unlink()
    assert store.read(kept).runs == ()


def test_a_step_that_was_cut_off_does_not_count(kept: Path) -> None:
    with (kept / store.JOURNAL).open("a") as journal:
        journal.write('{"block": 1, "arm": "tf-def')
    assert len(store.read(kept).journal) == 1


def test_a_step_after_one_that_was_cut_off_counts(kept: Path) -> None:
    with (kept / store.JOURNAL).open("a") as journal:
        journal.write('{"block": 1, "arm": "tf-def')
    store.note(kept, Step(1, "tf-default", "verify", "2026-11-24T12:01:00+00:00", 1.0))
    assert [step.what for step in store.read(kept).journal] == ["up", "verify"]


def test_a_summary_from_before_answers_were_compared_is_read(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    old = json.loads(file.read_text()) | {"schema": 2}
    del old["obtained"]["answers"]
    for stretch in (old["total"], *old["phases"]):
        del stretch["checked"], stretch["goodput"]
    file.write_text(json.dumps(old))
    (run,) = store.read(kept).runs
    assert (run.summary.total.checked, run.summary.total.wrong, run.summary.obtained.answers) == (0, 0, "")


def test_a_summary_from_before_goodput_was_kept_is_read(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    old = json.loads(file.read_text()) | {"schema": 3}
    for stretch in (old["total"], *old["phases"]):
        del stretch["goodput"]
    file.write_text(json.dumps(old))
    (run,) = store.read(kept).runs
    assert run.summary.total.goodput is None


def test_a_summary_from_before_loads_came_in_segments_is_read(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    old = json.loads(file.read_text()) | {"schema": 4}
    del old["generator"]["segments"]
    file.write_text(json.dumps(old))
    (run,) = store.read(kept).runs
    assert run.summary.generator.segments == ()


def test_a_summary_from_before_pods_starts_were_kept_is_read(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    old = asdict(pod())
    del old["start_seconds"]
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 5, "pods": [old]}))
    (run,) = store.read(kept).runs
    assert [each.start_seconds for each in run.summary.pods] == [None]


def test_an_older_schema_is_named_and_left_alone(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 1}))
    before = file.read_bytes()
    with pytest.raises(ReadError, match=r"expected schema 6, got 1; .*move its experiment elsewhere"):
        store.read(kept)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [('{"schema": 2', "expected JSON"), ('{"schema": 2, "server": 5}', "not a Summary of this version")],
)
def test_a_damaged_summary_is_named(kept: Path, content: str, message: str) -> None:
    (kept / "tf-default" / "1" / store.SUMMARY).write_text(content)
    with pytest.raises(ReadError, match=message):
        store.read(kept)


def test_damaged_samples_are_named(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SAMPLES
    file.write_bytes(gzip.compress(b"number,due_ms\n"))
    with pytest.raises(ReadError, match=r"samples\.csv\.gz: unreadable: .*measure it again"):
        store.read(kept).runs[0].samples()


def test_an_experiment_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"EXPERIMENT: expected a folder of .*, got nothing"):
        store.read(tmp_path / "nothing")


def test_a_full_disk_is_said_and_leaves_no_half_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WriteError, match="got No space left on device; make room"):
        store.keep(kept / "tf-default" / "3", store.SUMMARY, summary())
    monkeypatch.undo()
    assert len(store.read(kept).runs) == 1


FORECAST = Forecast(1, "2026-11-24T09:00:00+00:00", 0, 20, ("docs",), (), (Left("tf-vpa", "not played"),))


def test_a_forecast_is_kept_once_and_stays_as_it_is(tmp_path: Path) -> None:
    assert store.keep_first(tmp_path / "steps", FORECAST)
    assert not store.keep_first(tmp_path / "steps", replace(FORECAST, seed=1))
    assert store.read(tmp_path / "steps").forecast == FORECAST


@pytest.mark.parametrize("there", [store.JOURNAL, f"tf-hpa/1/{store.SUMMARY}"])
def test_no_forecast_is_kept_of_what_was_begun(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("")
    assert not store.keep_first(tmp_path, FORECAST)
    assert not (tmp_path / store.FORECAST).exists()


def test_a_summary_from_before_it_was_kept_what_pods_held_is_read(kept: Path) -> None:
    file = kept / "tf-default" / "1" / store.SUMMARY
    old = json.loads(file.read_text()) | {"schema": 4}
    del old["held"]
    file.write_text(json.dumps(old))
    (run,) = store.read(kept).runs
    assert run.summary.held == ()
