"""When k6 renews its connections: a Service gives a new pod nothing but new ones."""

import shutil
import socket
from collections.abc import Iterator

import pytest

from bench.commands.calibrate import BODY
from bench.load import k6, nullserver, plan
from bench.load.nullserver import NullServer
from bench.load.plan import Plan
from bench.records.profile import Closed
from tests.listening import serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH"),
]


class Counting(NullServer):
    """A null server that counts connections."""

    connections = 0

    def get_request(self) -> tuple[socket.socket, object]:
        self.connections += 1
        return super().get_request()


@pytest.fixture(name="server")
def _server() -> Iterator[Counting]:
    with Counting(1.0) as server:
        thread = serve(server)
        yield server
        server.shutdown()
        thread.join()


def send(server: Counting, rotate: int) -> tuple[int, int]:
    """Requests of one user in two seconds, and the connections that they took."""
    one_user = Closed(1, 2.0, 0.05)
    sent = k6.send(Plan(one_user, f"http://127.0.0.1:{server.port}/", (BODY,), 0, rotate), lambda _: False)
    return len(sent.samples), server.connections


def test_a_connection_is_kept_for_one_pod(server: Counting) -> None:
    requests, connections = send(server, rotate=0)
    assert requests > 10
    assert connections == 1


def test_a_connection_ends_after_its_share_of_requests(server: Counting) -> None:
    requests, connections = send(server, rotate=5)
    assert connections == -(-requests // 5)


def test_a_server_that_does_not_close_when_asked_to_is_left_all_the_same(
    server: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nullserver, "CLOSE", b"\r\nnever: sent")
    requests, connections = send(server, rotate=5)
    assert connections == -(-requests // 5)


def test_a_connection_that_is_seldom_used_ends_by_its_age(
    server: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "ROTATE_SECONDS", 0.4)
    requests, connections = send(server, rotate=1000)
    assert 3 <= connections < requests / 2
