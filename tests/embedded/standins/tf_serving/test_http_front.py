"""The HTTP front by itself, in front of an API that only counts: time limits and threads."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from embedded.standins.tf_serving.http_front import FrontSettings, HttpFront
from embedded.standins.tf_serving.manager import Manager, Polling
from embedded.standins.tf_serving.metrics import Metrics
from embedded.standins.tf_serving.rest import Reply, RestApi

from .running import free_port

SETTINGS = FrontSettings(
    "127.0.0.1", 0, threads=4, timeout=0, metrics_path="", late_seconds=0.1, lame_duck_seconds=0.3
)
HEAD = b"POST /v1/models/m:predict HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\n{}"


class CountingApi(RestApi):
    """Answers 200 after a while and remembers how many requests it had at once."""

    def __init__(self, seconds: float) -> None:
        manager = Manager("m", "", lambda *_: NotImplemented, Polling(0), lambda _: None)
        super().__init__(manager, Metrics(), 0)
        self.seconds, self.now, self.most, self.all = seconds, 0, 0, 0
        self._lock = threading.Lock()

    def handle(self, method: str, path: str, body: bytes) -> Reply:
        with self._lock:
            self.now, self.all = self.now + 1, self.all + 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self._lock:
            self.now -= 1
        return Reply(200, f"{method} {path} {len(body)}".encode())


@asynccontextmanager
async def serving(api: RestApi, settings: FrontSettings) -> AsyncIterator[tuple[HttpFront, int]]:
    port = free_port()
    front = HttpFront(replace(settings, port=port), api, Metrics())
    await front.start()
    yield front, port
    await front.drain()


async def exchange(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    reply = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return reply


def status(reply: bytes) -> bytes:
    return reply.split(b" ", 2)[1] if reply else b""


def test_by_default_a_client_has_30_seconds_to_send_its_request() -> None:
    assert SETTINGS.read_seconds == 30


def test_unfinished_requests_are_closed_when_their_time_is_over() -> None:
    slow = [
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n{",
        b"",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ]

    async def run() -> list[bytes]:
        async with serving(CountingApi(0), replace(SETTINGS, read_seconds=0.5)) as (_, port):
            return list(await asyncio.gather(*(exchange(port, data) for data in slow)))

    replies = asyncio.run(run())
    assert [status(reply) for reply in replies] == [b"", b"400", b"", b"400"]
    assert b"does Content-Length tell the truth?" in replies[1]


def test_a_body_beyond_the_limit_is_413() -> None:
    chunk = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
    large = [
        HEAD + b"Content-Length: 1000001\r\n\r\n" + b" " * 1_000_001,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n",
    ]

    async def run() -> list[bytes]:
        async with serving(CountingApi(0), replace(SETTINGS, max_body=1_000_000)) as (_, port):
            return [await exchange(port, data) for data in large]

    replies = asyncio.run(run())
    assert [status(reply) for reply in replies] == [b"413", b"413"]
    assert b"Request body of 1000001 bytes; at most 1000000 are taken" in replies[0]


def test_requests_hold_a_thread_each_and_one_thread_is_the_event_loops() -> None:
    api = CountingApi(0.05)

    async def run() -> None:
        async with serving(api, SETTINGS) as (_, port):
            closing = WHOLE.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")
            await asyncio.gather(*(exchange(port, closing) for _ in range(12)))

    asyncio.run(run())
    assert (api.most, api.all) == (3, 12)


def test_a_request_that_takes_too_long_is_answered_504() -> None:
    async def run() -> bytes:
        async with serving(CountingApi(1), replace(SETTINGS, timeout=0.05)) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(WHOLE)
            head = await reader.readuntil(b"\r\n\r\n")
            writer.close()
            return head

    assert status(asyncio.run(run())) == b"504"


def test_a_draining_server_answers_open_connections_and_tells_them_to_close() -> None:
    async def run() -> tuple[bytes, bytes, bool]:
        async with serving(CountingApi(0.3), SETTINGS) as (front, port):
            idle = await asyncio.open_connection("127.0.0.1", port)
            busy = asyncio.create_task(exchange(port, WHOLE))
            await asyncio.sleep(0.1)
            draining = asyncio.create_task(front.drain())
            await asyncio.sleep(0.1)
            idle[1].write(WHOLE)
            late = await idle[0].read()
            try:
                await asyncio.open_connection("127.0.0.1", port)
                refused = False
            except ConnectionRefusedError:
                refused = True
            await draining
            return await busy, late, refused

    busy, late, refused = asyncio.run(run())
    assert (status(busy), status(late), refused) == (b"200", b"200", True)
    assert b"Connection: close" in late


def test_a_connection_that_the_kernel_has_taken_is_answered_though_the_server_stops_accepting() -> None:
    """All of it without a turn of the event loop in which the server could accept."""

    async def run() -> bytes:
        async with serving(CountingApi(0), SETTINGS) as (front, port):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(WHOLE)
                front.stop_accepting()
                client.setblocking(False)
                return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1000), 10)

    reply = asyncio.run(run())
    assert status(reply) == b"200"
    assert b"Connection: close" in reply
