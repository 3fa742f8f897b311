"""The body of a request: read within bounds, whatever its sender declares."""

import asyncio
import contextlib
import gzip
import io
import zlib
from dataclasses import dataclass

from aiohttp import HttpVersion11, web

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Bounds:
    """Sizes in bytes, times in seconds.

    A body that grows beyond `small` is one of `large_at_once` until it is answered; others wait, unread.
    """

    body: int = 32 * 2**20
    small: int = 2**18
    large_at_once: int = 4
    read_seconds: float = 30.0


class BodyError(Exception):
    """A body that is refused before anyone reads it as JSON."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class BodyReader:
    """Reads bodies, only a few large ones at once."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._large = asyncio.Semaphore(bounds.large_at_once)

    async def read(self, request: web.BaseRequest, held: contextlib.ExitStack, large: bool) -> bytearray:
        """The body as it was sent; `held` is to be closed when what is made of it is gone.

        `large` counts the body among the large ones from its first byte, because it holds more than it has.
        Raises BodyError: of a body that declares too much, before it is sent.
        """
        expecting = _expecting(request)
        if (request.content_length or 0) > self._bounds.body:
            raise _too_large(f"{request.content_length} bytes", self._bounds.body)
        if expecting and request.body_exists:
            await request.writer.write(CONTINUE)
            request.writer.output_size = 0  # of the answer, nothing is written yet
        try:
            async with asyncio.timeout(self._bounds.read_seconds) as limit:
                return await self._bytes(request, held, self._bounds.small if not large else 0, limit)
        except TimeoutError as error:
            seconds = self._bounds.read_seconds
            text = f"Request body incomplete after {seconds:g} seconds; does Content-Length tell the truth?"
            raise BodyError(400, text) from error

    async def _bytes(
        self, request: web.BaseRequest, held: contextlib.ExitStack, small: int, limit: asyncio.Timeout
    ) -> bytearray:
        body, in_turn = bytearray(), False
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > self._bounds.body:
                raise _too_large(f"more than {self._bounds.body} bytes", self._bounds.body)
            if len(body) > small and not in_turn:
                limit.reschedule(None)
                await self._turn(held)
                in_turn = True
                limit.reschedule(asyncio.get_running_loop().time() + self._bounds.read_seconds)
        return body

    async def _turn(self, held: contextlib.ExitStack) -> None:
        try:
            async with asyncio.timeout(self._bounds.read_seconds):
                await self._large.acquire()
        except TimeoutError as error:
            large = f"{self._bounds.large_at_once} bodies of more than {self._bounds.small} bytes"
            raise BodyError(503, f"{large} are under way; send fewer at once, or again later") from error
        held.callback(self._large.release)


def zipped(request: web.BaseRequest) -> bool:
    """Is the body in gzip? Raises BodyError for codings that are not read."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise BodyError(415, f"This stand-in reads plain bodies and gzip, not Content-Encoding: {coding}")
    return coding != "identity"


def unzipped(body: bytearray, most: int) -> bytes:
    """What a gzip body holds. Raises BodyError for more than `most` bytes, before they are made."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            plain = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BodyError(400, f"Content-Encoding is gzip, and the body is not: {error}") from error
    if len(plain) > most:
        raise _too_large(f"more than {most} bytes unzipped", most)
    return plain


def _expecting(request: web.BaseRequest) -> bool:
    """Does the sender wait for a go-ahead? Raises BodyError for other expectations, as libevent does."""
    expect = request.headers.get("Expect")
    if expect is None or request.version < HttpVersion11:
        return False
    if expect.lower() != "100-continue":
        raise BodyError(417, f"Expect: expected 100-continue or none, got {expect}")
    return True


def _too_large(size: str, most: int) -> BodyError:
    return BodyError(413, f"Request body of {size}; at most {most} are taken")
