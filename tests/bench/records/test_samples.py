"""Answers are read while they are written, and kept so that the same samples are the same bytes."""

import gzip
import json
from pathlib import Path

import pytest

from bench.records.samples import OLDER, Sample, Tail, parse, read, write

LINE = "7,1000.250,990.000,1000.500,1020.500,200,3"


def test_latency_counts_from_the_schedule_where_the_request_left_late() -> None:
    late = parse(LINE)
    assert (late.latency, late.lag, late.waited, late.good) == (20.25, 0.25, False, True)


def test_latency_counts_from_the_send_where_the_timer_fired_early() -> None:
    early = parse("7,1000.250,990.000,999.750,1020.000,503,3")
    assert (early.latency, early.lag, early.good) == (20.25, 0.0, False)


def test_a_request_that_found_no_free_connection_waited() -> None:
    assert parse("7,1000.0,1400.0,1400.1,1420.0,200,3").waited


def test_a_file_is_followed_by_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "samples"
    tail = Tail(file)
    assert tail.new() == []
    file.write_text(f"{LINE}\n{LINE[:20]}")
    assert tail.new() == [parse(LINE)]
    with file.open("a") as more:
        more.write(f"{LINE[20:]}\n")
    assert tail.new() == [parse(LINE)]
    assert tail.new() == []


def test_what_is_kept_is_read_again_and_the_same_bytes(tmp_path: Path) -> None:
    samples = (parse(LINE), Sample(8, 1.0, 0.0, 1.0, 2.0, 0, 1), Sample(9, 1, 0, 1, 2, 200, 1, "not JSON"))
    write(tmp_path / "a.gz", samples)
    write(tmp_path / "b.gz", samples)
    assert read(tmp_path / "a.gz") == samples
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_samples_from_before_answers_were_compared_are_read(tmp_path: Path) -> None:
    (tmp_path / "old.gz").write_bytes(gzip.compress(f"{OLDER}\n{LINE}\n".encode()))
    assert read(tmp_path / "old.gz") == (parse(LINE),)


def test_a_body_at_the_end_of_a_line_is_judged_with_its_photo() -> None:
    asked: list[tuple[int, str]] = []

    def judge(photo: int, body: str) -> str:
        asked.append((photo, body))
        return "right" if photo == 3 else "another label"

    body = '{"a": 1,\n"b": 2}'
    right, wrong = (parse(f"{line},{json.dumps(body)}", judge) for line in (LINE, f"{LINE[:-1]}4"))
    assert asked == [(3, body), (4, body)]
    assert (right.good, right.outcome, right.answer) == (True, "200", "right")
    assert (wrong.good, wrong.outcome) == (False, "wrong: another label")
    assert parse(LINE, judge).outcome == "200"


def test_samples_of_another_form_are_refused(tmp_path: Path) -> None:
    (tmp_path / "old.gz").write_bytes(gzip.compress(b"time,latency\n1,2\n"))
    with pytest.raises(ValueError, match=r"old\.gz: expected the columns number,due_ms"):
        read(tmp_path / "old.gz")
