import http.server
import os
import socketserver
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.cluster.processes.probes import Command, Heartbeat, Http, UnixHttp, check
from tests.listening import serve


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def address_string(self) -> str:
        return "test"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serve(server)
        yield server.server_port
        server.shutdown()


def test_http_is_healthy_only_with_200(port: int) -> None:
    assert check(Http("127.0.0.1", port, "/healthz"))
    assert not check(Http("127.0.0.1", port, "/else"))


def test_nobody_listening_is_unhealthy_not_an_error(port: int, tmp_path: Path) -> None:
    assert not check(Http("127.0.0.1", port, "/healthz", ca=tmp_path / "absent.crt"))
    assert not check(UnixHttp(tmp_path / "absent.sock", "/_ping"))
    assert not check(Command(("/absent/program",)))
    assert not check(Heartbeat(tmp_path / "absent", 10))


def test_http_over_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with UnixServer(str(path), Handler) as server:
        serve(server)
        assert check(UnixHttp(path, "/healthz"))
        assert not check(UnixHttp(path, "/else"))
        server.shutdown()


def test_a_heartbeat_grows_old(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    file.touch()
    assert check(Heartbeat(file, 60))
    long_ago = time.time() - 120
    os.utime(file, (long_ago, long_ago))
    assert not check(Heartbeat(file, 60))


def test_a_command_is_healthy_if_it_ends_well() -> None:
    assert check(Command(("true",)))
    assert not check(Command(("false",)))
