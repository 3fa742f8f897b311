"""The verdict as a stack file."""

from pathlib import Path

import pytest
import yaml

from bench.__main__ import main
from bench.analysis.analysis import analyse
from bench.analysis.cost import DEFAULT, read
from bench.commands.recommend import stack_text
from bench.records.store import Evidence
from bench.records.store import read as stored
from stack import files, settings
from stack.files import stack_settings


def recommend(results: Path, file: Path, *more: str) -> int:
    return main(["recommend", "made", "--results", str(results), "--file", str(file), *more])


def test_the_file_holds_the_winners_settings_and_nothing_else(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.recommended.yaml"
    assert recommend(results, file) == 0
    found = settings.read(stack_settings(file))
    raw = stack_settings(files.path("tf-batch-tuned"))
    winner = settings.read(raw)
    assert (found.servers, found.tensorflow) == (winner.servers, winner.tensorflow)
    assert set(stack_settings(file)) == set(raw) - {"variant"}


def test_batching_is_spelled_out_although_it_is_by_default(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    recommend(results, file)
    tensorflow = stack_settings(file)["tensorflow"]
    assert isinstance(tensorflow, dict)
    batching = settings.read(stack_settings(files.path("tf-batch-tuned"))).tensorflow.batching
    assert batching is not None
    assert tensorflow["batching"] == {
        "maxBatchSize": batching.max_batch_size,
        "timeoutMicros": batching.timeout_micros,
        "threads": batching.threads,
        "maxEnqueuedBatches": batching.max_enqueued_batches,
    }


def test_the_file_says_where_it_comes_from_and_how_sure_it_is(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    recommend(results, file)
    said = " ".join(line.removeprefix("# ") for line in file.read_text().splitlines() if line.startswith("#"))
    for part in ("tf-batch-tuned", "experiment made", "3 blocks", "p95 ≤ 50 ms", "USD", "stand-in", "noise"):
        assert part in said


def test_a_file_that_is_there_is_never_overwritten_unless_forced(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine")
    assert recommend(results, file) == 1
    assert f"--file: expected a new file, got {file}; name another, or add --force" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert recommend(results, file, "--force") == 0
    assert "emotion-serving:servers" in file.read_text()


def test_an_autoscaled_winner_keeps_its_autoscaler_and_its_resources(results: Path) -> None:
    evidence = stored(results / "made")
    alone = Evidence(None, (), tuple(run for run in evidence.runs if run.summary.arm == "torch-hpa"), ())
    found = analyse(alone, read(DEFAULT))
    assert found.verdict is not None
    text = stack_text(found, found.verdict, found.row("torch-hpa"))
    read_back = settings.read(_config(text))
    assert read_back.autoscaling is not None
    assert read_back.autoscaling.max_replicas == 2
    assert read_back.resources.cpu_limit == "1"
    assert "noise unknown" in text


def _config(text: str) -> dict[str, object]:
    config = yaml.safe_load(text)["config"]
    return {key.removeprefix("emotion-serving:"): value for key, value in config.items()}


def test_a_report_that_was_kept_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.new.yaml"
    kept = str(files.ROOT / "docs" / "results" / "full")
    assert main(["recommend", kept, "--file", str(file)]) == 0
    written, winner = stack_settings(file), stack_settings(files.path("tf-batch-tuned"))
    assert settings.read(written) == settings.read({key: winner[key] for key in written})


def test_an_experiment_in_which_nothing_holds_is_one_clear_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "torch-batch").symlink_to(results / "made" / "torch-batch")
    assert main(["recommend", "some", "--results", str(tmp_path), "--file", str(tmp_path / "f")]) == 1
    assert "expected one in which a stack holds its objective, got some" in capsys.readouterr().err
