"""Carries HTTP to the REST API: connections, bodies, bounds and time limits, on aiohttp's low-level server.

The event loop reads and writes; a pool of rest_api_num_threads - 1 threads parses, runs and prints, as
upstream's does: a request holds a thread while it waits in a batch.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp import web

from . import SERVER_NAME, json_rows
from .metrics import Metrics
from .rest import Reply, RestApi

NOT_FOUND = b"""<HTML><HEAD>
<TITLE>404 Not Found</TITLE>
</HEAD><BODY>
<H1>Not Found</H1>
</BODY></HTML>
"""  # libevent's page for a path that no handler wants


@dataclass(frozen=True)
class FrontSettings:
    """Bounds: sizes in bytes, times in seconds; `timeout` 0 is none, `metrics_path` "" is off.

    A request past its deadline gets `late_seconds` more to leave the batch queue with its own, truer error;
    clients that keep a connection get `lame_duck_seconds` to send a last request.
    """

    host: str
    port: int
    threads: int
    timeout: float
    metrics_path: str
    max_body: int = 32 * 2**20
    read_seconds: float = 30.0
    drain_seconds: float = 30.0
    late_seconds: float = 1.0
    lame_duck_seconds: float = 1.0


class BodyError(Exception):
    """A body that is refused before anyone reads it as JSON."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class HttpFront:
    """Serves the REST API and the metrics page on one port."""

    def __init__(self, settings: FrontSettings, api: RestApi, metrics: Metrics) -> None:
        self._settings, self._api, self._metrics = settings, api, metrics
        self._pool = ThreadPoolExecutor(max(settings.threads - 1, 1), "rest")
        self._draining = False
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._late: list[asyncio.Task[object]] = []

    async def start(self) -> None:
        """Open the port; raises OSError when it is taken."""
        self._server = web.Server(
            self._serve,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=self._settings.read_seconds,
            lingering_time=2.0,
            read_bufsize=2**20,
        )
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._server, self._settings.host, self._settings.port, backlog=1024
        )

    def stop_accepting(self) -> None:
        """Refuse new connections; the open ones are answered and told to close."""
        if not self._draining and self._server and self._listener:
            loop = asyncio.get_running_loop()
            self._late = [
                loop.create_task(loop.connect_accepted_socket(self._server, connection))
                for connection in _waiting(self._listener)
            ]
            self._listener.close()
        self._draining = True

    async def drain(self) -> None:
        """Answer what comes in on open connections, then close them."""
        self.stop_accepting()
        if self._server is None:
            return
        await asyncio.gather(*self._late, return_exceptions=True)
        await asyncio.sleep(self._settings.lame_duck_seconds)
        self._server.pre_shutdown()
        await self._server.shutdown(self._settings.drain_seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if self._settings.metrics_path and path == self._settings.metrics_path:
            response = web.Response(body=self._metrics.page().encode(), content_type="text/plain")
        elif not path.lower().startswith("/v1/"):
            response = web.Response(status=404, body=NOT_FOUND, content_type="text/html")
        else:
            response = await self._answer(request, path)
        response.headers["Server"] = SERVER_NAME
        if self._draining:
            response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest, path: str) -> web.Response:
        try:
            raw = await self._body(request)
        except BodyError as error:
            response = _json(error.status, json_rows.error_body(error.text))
            response.force_close()  # the rest of the body is still on its way
            return response
        reply = await self._work(lambda: self._api.handle(request.method, path, raw))
        return _json(reply.status, reply.body)

    async def _work(self, job: Callable[[], Reply]) -> Reply:
        """Run a job in the pool; answer 504 when it takes too long: it then runs on, its answer dropped."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, job)
        if not self._settings.timeout:
            return await future
        done, _ = await asyncio.wait((future,), timeout=self._settings.timeout + self._settings.late_seconds)
        if done:
            return future.result()
        future.cancel()
        return Reply(504, json_rows.error_body("Timed out waiting for notification"))

    async def _body(self, request: web.BaseRequest) -> bytes:
        limit, coding = self._settings.max_body, request.headers.get("Content-Encoding", "identity")
        if coding.lower() != "identity":
            raise BodyError(415, f"This stand-in serves plain bodies, not Content-Encoding: {coding}")
        if (request.content_length or 0) > limit:
            raise BodyError(413, f"Request body of {request.content_length} bytes; at most {limit} are taken")
        if not request.body_exists:
            return b""
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                return await _read(request, limit)
        except TimeoutError as error:
            seconds = self._settings.read_seconds
            text = f"Request body incomplete after {seconds:g} seconds; does Content-Length tell the truth?"
            raise BodyError(400, text) from error


def _waiting(listener: asyncio.Server) -> Iterator[socket.socket]:
    """Connections that the kernel has taken and nobody accepted: it resets them when the socket is closed."""
    for each in listener.sockets:
        with contextlib.suppress(BlockingIOError), each.dup() as listening:
            while True:
                yield listening.accept()[0]


async def _read(request: web.BaseRequest, limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            raise BodyError(413, f"Request body is larger than the {limit} bytes that are taken")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")
