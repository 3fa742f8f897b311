"""Traces of arrivals: read whatever a spreadsheet or a log leaves, or refused by file and line."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import LoadError, ReadError
from bench.load.profiles import arrivals
from bench.load.traces import Scale, diurnal, flash_crowd, profile, read, scaled, written
from bench.records.profile import Trace

PLAIN = b"seconds\n0.25\n0.5\n0.5\n2.75\n"
TIMES = (0.25, 0.5, 0.5, 2.75)


def kept(folder: Path, content: bytes, name: str = "trace.csv") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.rstrip(),
        b"\n" + PLAIN + b"\n\n",
        gzip.compress(PLAIN, mtime=0),
        b'photo,seconds\na,0.25\nb,0.5\n"c,d",0.5\n,2.75\n',
        b'{"seconds": 0.25}\n{"seconds": 0.5}\n{"seconds": 0.5, "user": 1}\n{"seconds": 2.75}\n',
        gzip.compress(
            b'\xef\xbb\xbf{"seconds": 0.25}\r\n{"seconds": 0.5}\r\n{"seconds": 0.5}\r\n{"seconds": "2.75"}',
            mtime=0,
        ),
    ],
)
def test_a_trace_is_read_in_every_form_that_means_the_same(tmp_path: Path, content: bytes) -> None:
    assert read(kept(tmp_path, content)) == TIMES


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected arrival times, got an empty file"),
        (b"\n\n", "expected arrival times, got an empty file"),
        (b"seconds\n", "expected arrival times, got a header only"),
        (b"0.25\n0.5\n", "line 1: expected a header with the column seconds, got '0.25'"),
        (b"time\n0.25\n", "line 1: expected a header with the column seconds, got 'time'"),
        (b"seconds,seconds\n1,2\n", "line 1: expected a header with the column seconds"),
        (b"seconds\n1\n0.5\n", r"line 3: expected a time not before the line above it \(1\), got '0.5'"),
        (b"seconds\n-1\n", "line 2: expected seconds, 0 or more, got '-1'"),
        (b"seconds\nnan\n", "line 2: expected seconds, 0 or more, got 'nan'"),
        (b"seconds\ninf\n", "line 2: expected seconds, 0 or more, got 'inf'"),
        (b"seconds\n\n\n2026-11-28T10:00:00Z\n", "line 4: expected a number of seconds, got '2026"),
        (b"seconds,photo\n1,a\n2\n", "line 3: expected 2 columns as in the header, got '2'"),
        (b'{"time": 1}\n', 'line 1: expected an object with the key "seconds"'),
        (b'{"seconds": 1}\n{"seconds": true}\n', "line 2: expected a number of seconds, got 'True'"),
        (b'{"seconds": 1}\n{"seconds": 2\n', "line 2: expected JSON such as"),
        (b"[1, 2]\n", 'line 1: expected an object with the key "seconds"'),
        (b"\xff\xfe\x00seconds", "expected a text file, got .*trace.csv: 'utf-8' codec"),
        (gzip.compress(PLAIN, mtime=0)[:-9], "expected a text file, got .*trace.csv: "),
        (b'{"seconds": ' + b"9" * 400 + b"}\n", "line 1: expected a number of seconds, got '9{57}…'"),
    ],
)
def test_a_damaged_trace_is_refused_by_its_file_and_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(ReadError, match=message) as refused:
        read(kept(tmp_path, content))
    assert "trace.csv" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_and_a_missing_file_are_no_traces(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"got .*: a folder"):
        read(tmp_path)
    with pytest.raises(ReadError, match="No such file"):
        read(tmp_path / "none.csv")


def test_requests_are_counted_in_bins(tmp_path: Path) -> None:
    made = profile(kept(tmp_path, PLAIN))
    assert (made.source, made.counts, made.requests, made.seconds) == ("trace.csv", (3, 0, 1), 4, 3.0)
    assert made.peak == 3.0
    fine = profile(kept(tmp_path, PLAIN), 0.5)
    assert fine.counts == (1, 2, 0, 0, 0, 1)
    assert fine.peak == 3.0, "the busiest second counts, not the busiest bin"


def test_a_single_request_at_once_is_a_trace(tmp_path: Path) -> None:
    assert profile(kept(tmp_path, b"seconds\n0\n")).counts == (1,)


def test_a_trace_is_stretched_and_thinned(tmp_path: Path) -> None:
    file = kept(tmp_path, PLAIN)
    assert profile(file, scale=Scale(time=2)).counts == (1, 2, 0, 0, 0, 1)
    assert profile(file, scale=Scale(rate=2)).counts == (6, 0, 2)
    assert profile(file, scale=Scale(rate=0.5)).counts == (2, 0, 0)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any), st.floats(0.1, 5))
def test_scaling_keeps_the_sum_of_every_beginning(counts: list[int], factor: float) -> None:
    made = scaled(counts, factor)
    for end in range(len(counts) + 1):
        assert abs(sum(made[:end]) - factor * sum(counts[:end])) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("content", "bin_seconds", "scale", "message"),
    [
        (PLAIN, 0, Scale(), "--bin: expected more than 0, at most 60 s, got 0"),
        (PLAIN, 1.0, Scale(time=0), "--scale-time: expected more than 0, at most 1000, got 0"),
        (PLAIN, 1.0, Scale(rate=-1), "--scale-rate: expected more than 0, at most 1000, got -1"),
        (
            PLAIN,
            1.0,
            Scale(rate=1000),
            r"busiest 1 s \(see --scale-rate\): .* at most 2000 requests/s, got 3000",
        ),
        (PLAIN, 1.0, Scale(rate=0.1), "in all .*: expected a whole number, 1 to 2000000 requests, got 0"),
        (b"seconds\n1764288000\n", 1.0, Scale(), r"its length .*at most 86400 s, got 1.76429e\+09 s"),
        (PLAIN, 1e-12, Scale(), "in bins of --bin: expected a whole"),
        (b"seconds\n80000\n", 0.01, Scale(), "in bins of --bin: expected .* 1 to 100000 bins, got 8e"),
    ],
)
def test_a_load_that_no_profile_may_be_is_refused_with_option_and_limit(
    tmp_path: Path, content: bytes, bin_seconds: float, scale: Scale, message: str
) -> None:
    file = kept(tmp_path, content)
    with pytest.raises(LoadError, match=message):
        profile(file, bin_seconds, scale)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40).filter(any), st.integers(0, 5))
def test_a_replay_has_as_many_requests_in_each_bin_as_the_trace(counts: list[int], seed: int) -> None:
    load = Trace("t", 0.5, tuple(counts))
    due = arrivals(load, seed)
    assert list(due) == sorted(due)
    found = [sum(place / 2 <= each < (place + 1) / 2 for each in due) for place in range(len(counts))]
    assert found == counts
    assert due == arrivals(load, seed)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.csv.gz", "a.jsonl.gz"])
def test_what_is_made_is_read_again_in_every_form(tmp_path: Path, name: str) -> None:
    times = diurnal(20, 30, seed=1)
    assert read(kept(tmp_path, written(times, name), name)) == times


def test_a_day_is_quiet_at_night_and_has_the_mean_rate() -> None:
    times = diurnal(100, 1000, seed=1)
    assert len(times) == pytest.approx(100_000, rel=0.02)
    night, noon = (sum(low <= each < low + 50 for each in times) / 50 for low in (0, 475))
    assert night == pytest.approx(20, rel=0.15)
    assert noon == pytest.approx(180, rel=0.05)


def test_a_crowd_comes_at_once_and_fades() -> None:
    times = flash_crowd(50, 1000, seed=1, times=6)
    before, peak, after = (sum(low <= each < low + 20 for each in times) / 20 for low in (200, 320, 960))
    assert before == pytest.approx(50, rel=0.1)
    assert peak == pytest.approx(280, rel=0.1)
    assert after == pytest.approx(50, rel=0.15)


def test_one_seed_makes_one_trace() -> None:
    assert flash_crowd(20, 100, 3) == flash_crowd(20, 100, 3) != flash_crowd(20, 100, 4)
