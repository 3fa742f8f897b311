"""The HTTP front by itself: time limits and threads."""

import asyncio
import socket
from dataclasses import replace

from .fronts import SETTINGS, WHOLE, CountingApi, exchange, serving, status


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
