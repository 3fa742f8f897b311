"""The load leaves by the clock, on new connections, within its bounds, and counts every request."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.errors import LoadError
from bench.load.openloop import Answer, Load, send, summarize
from tests.listening import serve


@contextmanager
def server(connections: list[tuple[str, int]], bodies: list[object]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            connections.append(self.client_address)
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(503 if len(bodies) % 5 == 0 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = serve(listening)
    try:
        yield f"http://127.0.0.1:{listening.server_port}/predictions/emotions"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def test_every_request_has_a_connection_of_its_own_and_is_counted() -> None:
    connections: list[tuple[str, int]] = []
    bodies: list[object] = []
    with server(connections, bodies) as url:
        sent = summarize(send(Load(rate=100, seconds=0.2), url, b'{"data": "photo"}'))
    assert sent.requests == len(bodies) == len(set(connections)) == 20
    assert sent.outcomes == {"200": 16, "503": 4}
    assert bodies[0] == {"data": "photo"}


def test_a_load_that_is_over_sends_nothing_more() -> None:
    bodies: list[object] = []
    with server([], bodies) as url:
        answers = send(Load(rate=100, seconds=60), url, b"{}", over=lambda: len(bodies) >= 5)
    assert 5 <= len(answers) == len(bodies) < 50


def test_an_address_without_a_server_is_an_error_by_name() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answers = send(Load(rate=50, seconds=0.1), f"http://127.0.0.1:{unused.getsockname()[1]}/", b"{}")
    assert summarize(answers).outcomes == {"ConnectionRefusedError": 5}
    assert summarize(answers).p50_millis is None


def test_the_schedule_is_equally_spaced() -> None:
    assert list(Load(rate=4, seconds=1).schedule()) == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("rate", "seconds", "message"),
    [
        (501, 1, "--load: expected more than 0, at most 500 requests/s, got 501; choose another"),
        (0, 1, "--load: expected more than 0, at most 500 requests/s, got 0"),
        (-1, 1, "--load: expected more than 0, at most 500 requests/s, got -1"),
        (float("nan"), 1, "--load: expected more than 0, at most 500 requests/s, got nan"),
        (1, 601, "--load-seconds: expected more than 0, at most 600 s, got 601; choose another"),
        (1, 0, "--load-seconds: expected more than 0, at most 600 s, got 0"),
    ],
)
def test_a_load_out_of_bounds_is_refused(rate: float, seconds: float, message: str) -> None:
    with pytest.raises(LoadError, match=re.escape(message)):
        Load(rate, seconds)


def test_percentiles_are_of_good_answers_by_nearest_rank() -> None:
    answers = [Answer("200", millis / 1000) for millis in range(1, 101)] + [Answer("503", 9.0)]
    sent = summarize(answers)
    assert (sent.p50_millis, sent.p95_millis) == (50, 95)
    assert summarize([Answer("200", 0.007)]).p95_millis == 7
