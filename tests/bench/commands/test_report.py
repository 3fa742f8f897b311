"""The command, used well and badly: one clear line each, never a traceback."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.commands.files import write
from bench.errors import WriteError
from bench.records.store import EXPERIMENT, JOURNAL
from tests.bench.evidence import make
from tests.bench.specs import FEW, SMALL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One stack in one block: enough to be read, little to be drawn."""
    folder = tmp_path_factory.mktemp("results")
    make(folder, FEW[:1], replace(SMALL, blocks=1))
    return folder


def report(results: Path, *more: str, experiment: str = "made") -> int:
    return main(["report", experiment, "--results", str(results), *more])


@pytest.fixture
def broken(results: Path, tmp_path: Path) -> Path:
    """A copy of one arm's results that a test may damage."""
    kept = tmp_path / "results" / "made"
    shutil.copytree(results / "made" / "tf-default", kept / "tf-default")
    for name in (EXPERIMENT, JOURNAL):
        shutil.copy(results / "made" / name, kept)
    return tmp_path / "results"


def test_the_report_stands_where_it_was_asked_for(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert report(results, "--out", str(out)) == 0
    assert capsys.readouterr().out.strip() == str(out / "report.html")
    assert {file.name for file in out.iterdir()} == {
        *("report.html", "report.md", "report.json", "thesis.html", "thesis.md", "plots")
    }


@pytest.mark.parametrize(
    ("more", "experiment", "told"),
    [
        ((), "none", "EXPERIMENT: expected a folder of"),
        ((), "../made", "expected a folder's name, got '../made'"),
        (("--baseline", "warp"), "made", "--baseline: expected one of tf-default"),
        (("--prices", "/nowhere.yaml"), "made", "--prices: expected a YAML file, got /nowhere.yaml"),
    ],
)
def test_wrong_use_is_one_clear_line(
    results: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], experiment: str, told: str
) -> None:
    assert report(results, *more, experiment=experiment) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.startswith("report: ")
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(WriteError, match="--out: expected a folder to write to, got /dev/null/out: Not a d"):
        write(Path("/dev/null/out/report.html"), b"")


def test_an_empty_folder_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert report(tmp_path, experiment="empty") == 1
    assert "expected at least one finished run, got none; run: bench run" in capsys.readouterr().err


def test_samples_with_a_flipped_byte_are_one_clear_line(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in (broken / "made").glob("tf-default/*/samples.csv.gz"):
        content = bytearray(each.read_bytes())
        content[len(content) // 2] ^= 0xFF
        each.write_bytes(content)
    assert report(broken) == 1
    said = capsys.readouterr().err
    assert "samples.csv.gz: unreadable" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("tf-default/*/summary.json", b'{"schema": 1}', "expected schema 6, got 1"),
        ("tf-default/*/summary.json", b'{"schema": 2, ', "expected JSON"),
        ("tf-default/*/summary.json", b'{"schema": 2}', "not a Summary of this version"),
        ("experiment.json", b"{", "expected JSON"),
        ("journal.jsonl", b'{"block": 1}\n', "not a Step of this version"),
        ("tf-default/*-tensorflow/samples.csv.gz", b"\x1f\x8b\x08\x00cut", "samples.csv.gz: unreadable"),
        ("tf-default/*-tensorflow/prometheus.json.gz", b"no gzip", "prometheus.json.gz: unreadable"),
        ("tf-default/baseline-1/baseline.json", b"[]", "not a Baseline of this version"),
    ],
)
def test_a_damaged_file_is_one_clear_line(
    broken: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes, told: str
) -> None:
    for each in (broken / "made").glob(file):
        each.write_bytes(content)
    assert report(broken) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
