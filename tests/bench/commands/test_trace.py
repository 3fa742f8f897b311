"""Traces as a user makes them."""

import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.load import traces


def make(*words: str) -> int:
    return main(["trace", *words])


@pytest.mark.parametrize("kind", ["diurnal", "flash-crowd"])
def test_the_same_words_make_the_same_trace(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    for file in (one, other):
        assert make(kind, "--rate", "10", "--seconds", "60", "--seed", "3", "--out", str(file)) == 0
    assert one.read_bytes() == other.read_bytes()
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(one), str(other)]
    assert f"{len(traces.read(one)):,} requests" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("diurnal", "--rate", "10", "--times", "3"), "--times: only for flash-crowd; leave it out"),
        (
            ("diurnal", "--rate", "1500"),
            "at the trace's peak: expected more than 0, at most 2000 requests/s, got 2700",
        ),
        (("flash-crowd", "--rate", "400"), "at the trace's peak: .* got 3200"),
        (("flash-crowd", "--rate", "nan"), "--rate: expected more than 0, at most 2000 requests/s, got nan"),
        (("diurnal", "--rate", "0.0001"), "--rate: expected one at which a request arrives"),
    ],
)
def test_a_trace_that_cannot_be_played_is_not_made(
    tmp_path: Path, words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "made.csv"
    assert make(*words, "--seconds", "60", "--out", str(file)) == 1
    assert re.search(message, capsys.readouterr().err)
    assert not file.exists()


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("mine")
    words = ("diurnal", "--rate", "5", "--seconds", "20", "--out", str(file))
    assert make(*words) == 1
    assert f"--out: expected a new file, got {file}" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert make(*words, "--force") == 0
