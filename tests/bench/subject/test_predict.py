"""Asking for a prediction: both servers' answers read alike, and every failure names its server."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import predict as command
from bench.commands.predict import as_json, as_table
from bench.errors import PredictionError
from bench.subject.predict import Prediction, parse, predict, read_photo
from stack.outputs import Endpoint
from tests.bench.scenes import outputs
from tests.listening import serve

ROW = {"sad": 0.1, "scared": 0.1, "neutral": 0.2, "happy": 0.5, "angry": 0.1, "label": "happy", "error": ""}


@contextmanager
def server(status: int, reply: object) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = serve(listening)
    try:
        yield f"http://127.0.0.1:{listening.server_port}/"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.mark.parametrize(("name", "reply"), [("tensorflow", {"predictions": [ROW]}), ("torchserve", ROW)])
def test_both_servers_answers_read_alike(name: str, reply: object) -> None:
    with server(200, reply) as url:
        answer = predict(Endpoint(name, name, "image", url), b"photo")
    assert isinstance(answer, Prediction)
    assert answer.label == "happy"
    assert sum(answer.probabilities.values()) == pytest.approx(1)


def test_a_rows_own_error_is_reported_with_its_server() -> None:
    with pytest.raises(PredictionError, match="tensorflow: expected a JPEG or PNG"):
        parse("tensorflow", ROW | {"error": "expected a JPEG or PNG image, got GIF"})


def test_a_refused_request_shows_the_servers_message() -> None:
    with (
        server(400, {"code": 400, "message": "not an image"}) as url,
        pytest.raises(PredictionError, match="torchserve: HTTP 400: not an image"),
    ):
        predict(Endpoint("torchserve", "torchserve", "image", url), b"photo")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(PredictionError, match=r"torchserve: no answer from http://127\.0\.0\.1:9"):
        predict(Endpoint("torchserve", "torchserve", "image", "http://127.0.0.1:9/"), b"photo")


def test_an_endpoint_without_address_says_what_to_set() -> None:
    with pytest.raises(PredictionError, match=r"set service\.type"):
        predict(Endpoint("torchserve", "torchserve", "image", None), b"photo")


def test_a_missing_photo_is_an_error_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PredictionError, match="IMAGE: expected a JPEG or PNG file"):
        read_photo(tmp_path / "none.jpg")
    assert main(["predict", str(tmp_path)]) == 1
    assert "IMAGE: expected a JPEG or PNG file" in capsys.readouterr().err


def test_what_is_no_photo_is_refused_unread_and_before_any_stack_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe\udcff")
    with (tmp_path / "text").open("wb") as file:
        file.truncate(300_000_000)
    for name, got in {
        tmp_path / "pipe\udcff": f"{tmp_path}/pipe\\xff: a named pipe",
        tmp_path / "text": f"{tmp_path}/text: 300000000 bytes (at most 10485760)",
        Path("/dev/zero"): "/dev/zero: a device",
        tmp_path: f"{tmp_path}: a folder",
    }.items():
        assert main(["predict", "--", str(name)]) == 1
        said = capsys.readouterr().err
        assert said == f"predict: IMAGE: expected a JPEG or PNG file, got {got}\n"


def test_the_json_form_is_by_server() -> None:
    answer = Prediction("happy", {"happy": 1.0, "sad": 0.0, "scared": 0.0, "neutral": 0.0, "angry": 0.0})
    assert json.loads(as_json({"torchserve": answer}))["torchserve"]["label"] == "happy"
    head, row = as_table({"torchserve": answer}).splitlines()
    assert head.split() == ["server", "label", "angry", "happy", "neutral", "sad", "scared"]
    assert row.split()[2:4] == ["0.0%", "100.0%"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW | {"label": "bored"}, "expected a label of sad, .*, got 'bored'"),
        (ROW | {"happy": float("nan")}, "expected probabilities that sum to 1"),
        (ROW | {"happy": 5}, "expected probabilities that sum to 1"),
    ],
)
def test_an_answer_that_is_no_prediction_is_refused(row: object, reason: str) -> None:
    with pytest.raises(PredictionError, match=f"torchserve: {reason}"):
        parse("torchserve", row)


@pytest.mark.parametrize("reply", ["", "<html>", ["a", "list"]])
def test_a_reply_of_another_form_is_an_error_by_the_servers_name(reply: object) -> None:
    for status in (200, 502):
        with server(status, reply) as url, pytest.raises(PredictionError, match="torchserve: "):
            predict(Endpoint("torchserve", "torchserve", "image", url), b"photo")


REFUSES = ROW | {"error": "got HEIC; convert it to JPEG or PNG"}


@pytest.mark.parametrize("refuses", [0, 1])
def test_every_server_is_asked_even_if_one_refuses(
    refuses: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"photo")
    rows = [REFUSES if number == refuses else ROW for number in range(2)]
    with server(200, {"predictions": [rows[0]]}) as one, server(200, rows[1]) as other:
        there = outputs()
        ends = [replace(each, url=url) for each, url in zip(there.endpoints, (one, other), strict=True)]
        there = replace(there, endpoints=tuple(ends))
        codes = [
            command.run(parser().parse_args(["predict", str(tmp_path / "a.jpg"), *words]), lambda _: there)
            for words in ([], ["--json"])
        ]
    assert codes == [1, 1]
    table, _, rest = capsys.readouterr().out.partition("{")
    lines, told = table.splitlines()[1:], json.loads("{" + rest)
    names = [each.server for each in ends]
    assert lines[refuses].split(maxsplit=1) == [
        names[refuses],
        "refused: got HEIC; convert it to JPEG or PNG",
    ]
    assert lines[1 - refuses].split()[:2] == [names[1 - refuses], "happy"]
    assert told[names[refuses]] == {"error": "got HEIC; convert it to JPEG or PNG"}
    assert told[names[1 - refuses]]["label"] == "happy"


def test_without_a_photo_each_server_is_asked_what_is_usual_and_that_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "face.jpg").write_bytes(b"photo")
    with server(200, ROW) as url:
        there = outputs()
        there = replace(there, endpoints=(replace(there.endpoints[-1], server="torchserve", url=url),))
        for words in ([], ["--json"]):
            options = parser().parse_args(["predict", *words])
            assert command.run(options, lambda _: there, lambda _: tmp_path / "face.jpg") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{tmp_path}/face.jpg:\nserver ")
    assert err == f"{tmp_path}/face.jpg:\n"
    assert json.loads(out[out.index("{") :])["torchserve"]["label"] == "happy"
