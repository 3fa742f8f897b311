"""The HTTP front by itself: time limits and threads."""

import asyncio
import socket
from dataclasses import replace

import pytest

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


@pytest.mark.parametrize("turns", range(4))
def test_a_connection_that_is_there_when_the_end_begins_is_answered(turns: int) -> None:
    """Be it in the kernel's queue, just accepted, or with a server's task: turns of the event loop later."""

    async def run() -> bytes:
        async with serving(CountingApi(0), SETTINGS) as (front, port):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(WHOLE)
                client.setblocking(False)
                for _ in range(turns):
                    await asyncio.sleep(0)
                draining = asyncio.create_task(front.drain())
                reply = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1000), 10)
                await draining
                return reply

    reply = asyncio.run(run())
    assert status(reply) == b"200"
    assert b"Connection: close" in reply


def test_a_connection_that_comes_later_is_never_made_so_none_is_reset() -> None:
    async def run() -> None:
        async with serving(CountingApi(0), SETTINGS) as (front, port):
            draining = asyncio.create_task(front.drain())
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                socket.create_connection(("127.0.0.1", port), timeout=0.1)
            await draining
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=0.1)

    asyncio.run(run())
