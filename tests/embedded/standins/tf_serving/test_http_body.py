"""Bodies over a socket: how they are asked for, bounded, unzipped and refused."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from embedded.standins.tf_serving import http_body
from embedded.standins.tf_serving.http_body import BodyError, Bounds
from embedded.standins.tf_serving.http_front import FrontSettings

from .fronts import HEAD, SETTINGS, CountingApi, exchange, serving, status

pytestmark = pytest.mark.slow

CLOSING = HEAD + b"Connection: close\r\n"
EXPECTING = HEAD + b"Expect: 100-continue\r\n"
PHOTO = 10 * 2**20  # bytes of the largest photo that the product takes


def answers(requests: Sequence[bytes], api: CountingApi, settings: FrontSettings = SETTINGS) -> list[bytes]:
    """What each request gets, all sent at once."""

    async def run() -> list[bytes]:
        async with serving(api, settings) as (_, port):
            return list(await asyncio.gather(*(exchange(port, data) for data in requests)))

    return asyncio.run(run())


def posted(body: bytes, *headers: bytes) -> bytes:
    framing = b"Content-Length: %d\r\n\r\n" % len(body)
    return CLOSING + b"".join(header + b"\r\n" for header in headers) + framing + body


def bounded(**bounds: Any) -> FrontSettings:
    return replace(SETTINGS, bounds=replace(Bounds(), **bounds))


def test_by_default_a_client_has_30_seconds_to_send_its_request() -> None:
    assert SETTINGS.bounds.read_seconds == 30


def test_the_largest_photo_passes_wrapped_and_escaped() -> None:
    wrapped = PHOTO * 4 // 3 * (64 + len(r"\r\n")) // 64
    assert wrapped * 65 // 64 < SETTINGS.bounds.body


def test_unfinished_requests_are_closed_when_their_time_is_over() -> None:
    slow = [
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n{",
        b"",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n{",
        HEAD + b"Content-Length: 20000000\r\n\r\n{",
    ]
    replies = answers(slow, CountingApi(0), bounded(read_seconds=0.5))
    assert [status(reply) for reply in replies] == [b"", b"400", b"", b"400", b"400", b"400"]
    assert b"does Content-Length tell the truth?" in replies[1]


def test_a_body_beyond_the_limit_is_413() -> None:
    chunk = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
    large = [
        HEAD + b"Content-Length: 1000001\r\n\r\n" + b" " * 1_000_001,
        HEAD + b"Content-Length: 9223372036854775807\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n",
    ]
    replies = answers(large, CountingApi(0), bounded(body=1_000_000))
    assert [status(reply) for reply in replies] == [b"413"] * 3
    assert b"Request body of 1000001 bytes; at most 1000000 are taken" in replies[0]
    assert b"Request body of more than 1000000 bytes; at most 1000000 are taken" in replies[2]


def test_a_client_that_waits_for_a_go_ahead_gets_it_before_it_sends() -> None:
    whole = (b"Content-Length: 2\r\n", b"{}")
    chunked = (b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n")

    async def run() -> list[tuple[bytes, bytes]]:
        async with serving(CountingApi(0), SETTINGS) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            heard = []
            for framing, body in (whole, chunked):
                writer.write(EXPECTING + framing + b"\r\n")
                go_ahead = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
                writer.write(body)
                heard.append((go_ahead, status(await asyncio.wait_for(reader.readuntil(b"predict 2"), 10))))
            writer.close()
            return heard

    assert asyncio.run(run()) == [(b"HTTP/1.1 100 Continue\r\n\r\n", b"200")] * 2


def test_a_body_that_would_be_refused_is_refused_before_it_is_sent() -> None:
    expected = {
        EXPECTING + b"Content-Length: 99999999\r\n\r\n": (b"413", b"Request body of 99999999 bytes"),
        EXPECTING + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n": (b"415", b"Content-Encoding: br"),
        HEAD + b"Expect: 200-ok\r\nContent-Length: 2\r\n\r\n": (b"417", b"expected 100-continue or none"),
        HEAD + b"Expect: 100-continue, x\r\nContent-Length: 2\r\n\r\n": (b"417", b"got 100-continue, x"),
    }
    for reply, (answer, says) in zip(answers(list(expected), CountingApi(0)), expected.values(), strict=True):
        assert (status(reply), says in reply) == (answer, True)


def test_no_go_ahead_is_sent_where_none_is_waited_for() -> None:
    old = EXPECTING.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Length: 2\r\n\r\n{}"
    empty = EXPECTING + b"Connection: close\r\nContent-Length: 0\r\n\r\n"
    assert [status(reply) for reply in answers([old, empty], CountingApi(0))] == [b"200", b"200"]


def test_a_gzip_body_is_what_it_holds() -> None:
    zipped = gzip.compress(b"{" + b" " * 100) + gzip.compress(b"}")
    names = (b"gzip", b"GZIP", b"x-gzip")
    replies = answers([posted(zipped, b"Content-Encoding: " + name) for name in names], CountingApi(0))
    assert [(status(reply), reply[-11:]) for reply in replies] == [(b"200", b"predict 102")] * 3


def test_a_body_that_is_not_the_gzip_it_says_is_400() -> None:
    zipped = gzip.compress(b"{}")
    broken = [b"{}", zipped[:-3], zipped[:-5] + b"xxxxx", zipped + b"junk", zipped[:10] + b"junk"]
    replies = answers([posted(body, b"Content-Encoding: gzip") for body in broken], CountingApi(0))
    assert [status(reply) for reply in replies] == [b"400"] * 5
    assert all(b"Content-Encoding is gzip, and the body is not" in reply for reply in replies)


def test_a_gzip_bomb_is_never_unpacked() -> None:
    bomb = bytearray(gzip.compress(bytes(100 * 2**20)))
    tracemalloc.start()
    with pytest.raises(BodyError, match="more than 1000000 bytes unzipped; at most 1000000 are taken"):
        http_body.unzipped(bomb, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_only_a_few_large_bodies_are_in_hand_and_small_ones_pass_them() -> None:
    large, zipped = posted(b"x" * 1001), posted(gzip.compress(b"x"), b"Content-Encoding: gzip")
    api = CountingApi(0.2)
    replies = answers([large] * 3 + [zipped], api, bounded(small=1000, large_at_once=1))
    assert ([status(reply) for reply in replies], api.most) == ([b"200"] * 4, 1)
    api = CountingApi(0.2)
    answers([large] * 2 + [posted(b"x" * 1000)], api, bounded(small=1000, large_at_once=1))
    assert api.most == 2


def test_a_large_body_whose_turn_does_not_come_is_503() -> None:
    tight = bounded(small=10, large_at_once=1, read_seconds=0.3)
    replies = answers([posted(b"x" * 11)] * 2, CountingApi(1), tight)
    assert sorted(status(reply) for reply in replies) == [b"200", b"503"]
    assert b"1 bodies of more than 10 bytes are under way" in b"".join(replies)


def test_a_large_body_that_was_given_up_counts_until_it_is_gone() -> None:
    api = CountingApi(0.5)
    late = replace(bounded(small=10, large_at_once=1), timeout=0.05)
    replies = answers([posted(b"x" * 11)] * 2, api, late)
    assert ([status(reply) for reply in replies], api.most) == ([b"504", b"504"], 1)


def test_a_body_in_many_small_pieces_costs_no_more_than_one() -> None:
    pieces = b"1\r\nx\r\n" * 200_000
    request = CLOSING + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    (reply,) = answers([request], CountingApi(0))
    assert reply.endswith(b"predict 200000")
