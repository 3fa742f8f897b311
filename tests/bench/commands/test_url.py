"""`bench run --url`: what this project did not deploy is loaded as honestly, and known by its answers."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import run
from bench.commands import url as command
from bench.commands.run import World
from bench.errors import LoadError, OptionError, RefusedError
from bench.records import store
from bench.records.run import FOREIGN
from tests.listening import serve

needs_k6 = pytest.mark.skipif(shutil.which("k6") is None, reason="python -m embedded.toolchain k6 brings it")


class Standard(BaseHTTPRequestHandler):
    """The standard library's server: it answers JSON to those who say that they send it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        right = self.headers["Content-Type"] == "application/json" and self.path == "/v1/classify"
        said = b'{"class": 3}' if right else b"what is this?"
        self.send_response(200 if right else 415)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Standard) as server:
        serve(server)
        yield f"http://127.0.0.1:{server.server_port}/v1/classify"
        server.shutdown()


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "rows.json"
    file.write_text('{"rows": [[1, 2]]}')
    return file


def world(results: Path) -> World:
    return World(results=results, warm_up_seconds=1.0, obtain=lambda: "k6")


def told(words: list[str], results: Path) -> int:
    return run.run(parser().parse_args(["run", *words]), world(results))


@needs_k6
@pytest.mark.slow
def test_a_standard_server_is_loaded_judged_and_reported(url: str, body: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    words = ["--url", url, "--body", str(body), "--rate", "30", "--seconds", "3", "--p95", "400", "--json"]
    told(words, results)
    (kept,) = store.read(results / "single").runs
    made = kept.summary
    assert made.server == FOREIGN
    assert made.total.outcomes.keys() == {"200"}
    assert made.slo.p95_millis == 400
    assert (made.pods, made.machine, made.events) == ((), None, ())
    assert made.payloads.formats == {"application/json": 1}
    assert made.arm == url.removeprefix("http://").replace(":", "-").replace("/", "-")
    assert main(["report", "single", "--results", str(results)]) == 0
    page = (results / "single" / "report" / "report.md").read_text()
    assert "was not deployed here" in page
    assert "answers are judged by their status alone" in page


def test_what_the_service_refuses_stops_the_run_before_the_load(url: str, tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        (tmp_path / name).write_bytes(b"\0\1")
    with pytest.raises(RefusedError) as refused:
        told(["--url", url, "--body", str(tmp_path), "--rate", "5"], tmp_path / "results")
    assert str(refused.value).count("expected status 200, got 415: what is this?") == 2
    assert not (tmp_path / "results").exists()


def test_a_header_decides_the_type(url: str, tmp_path: Path) -> None:
    for name in ("a.bin", "b.json"):
        (tmp_path / name).write_bytes(b"[]")
    words = ["run", "--url", url, "--body", str(tmp_path), "--rate", "5"]
    with pytest.raises(
        OptionError, match="files of one type, got application/json, application/octet-stream"
    ):
        run.run(parser().parse_args(words), world(tmp_path / "results"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "expected a stack or --url URL, got neither"),
        (["demo", "--url", "http://127.0.0.1:1/"], "expected a stack or --url URL, got both"),
        (["demo", "--body", "x"], "--body: only for --url; leave it out"),
        (["--url", "http://127.0.0.1:1/", "--server", "torchserve"], "--server: only for a stack"),
        (["--url", "http://127.0.0.1:1/", "--through-port-forward"], "--through-port-forward: only for a st"),
        (["--url", "http://127.0.0.1:1/"], "--body: expected a file to send, got none"),
        (["--url", "ftp://127.0.0.1/", "--body", "BODY"], "--url: expected http://HOST:PORT/PATH, got 'ftp"),
        (["--url", "127.0.0.1:80", "--body", "BODY"], "--url: expected http://HOST:PORT/PATH, got '127"),
        (["--url", "http://127.0.0.1:x/", "--body", "BODY"], "--url: expected http://HOST:PORT/PATH, got"),
        (
            ["--url", "http://127.0.0.1:1/", "--body", "no-such"],
            "--body: expected a file to send, got no-such",
        ),
        (
            ["--url", "http://127.0.0.1:1/", "--body", "BODY", "--header", "x"],
            "--header: expected 'NAME: VAL",
        ),
        (["--url", "http://127.0.0.1:1/", "--body", "BODY", "--p95", "0"], "--p95: expected"),
        (
            ["--url", "http://127.0.0.1:1/", "--body", "BODY", "--p95", "90", "--p99", "80"],
            "--p99: expected --p95 (90)",
        ),
        (["--url", "http://127.0.0.1:1/", "--body", "BODY"], "no answer from http://127.0.0.1:1/"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_line(
    words: list[str], expected: str, body: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(body) if word == "BODY" else word for word in words]
    assert main(["run", *given, "--rate", "5"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"run: {expected}")
    assert "Traceback" not in said


def test_no_load_leaves_the_private_network(body: Path) -> None:
    words = ["run", "--url", "http://8.8.8.8/", "--body", str(body), "--rate", "5"]
    with pytest.raises(LoadError, match="expected a loopback or private address"):
        run.run(parser().parse_args(words), world(body.parent / "results"))


def test_the_objective_of_the_options_is_kept(url: str, body: Path) -> None:
    options = parser().parse_args(["run", "--url", url, "--body", str(body), "--p95", "400"])
    slo = command.aimed(options).stack.settings.slo
    assert (slo.p95_millis, slo.p99_millis) == (400, 400)
    assert command.aimed(options).headers == {"Content-Type": "application/json"}
