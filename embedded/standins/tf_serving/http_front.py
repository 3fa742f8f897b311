"""Carries HTTP to the REST API: connections, bodies, bounds and time limits, on aiohttp's low-level server.

The event loop reads and writes; a pool of rest_api_num_threads - 1 threads parses, runs and prints, as
upstream's does: a request holds a thread while it waits in a batch.
"""

import asyncio
import contextlib
import ctypes
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from aiohttp import web

from . import SERVER_NAME, http_body, json_rows
from .http_body import BodyError, BodyReader, Bounds
from .metrics import Metrics
from .rest import Reply, RestApi

NOT_FOUND = b"""<HTML><HEAD>
<TITLE>404 Not Found</TITLE>
</HEAD><BODY>
<H1>Not Found</H1>
</BODY></HTML>
"""  # libevent's page for a path that no handler wants

_SO_ATTACH_FILTER = 26  # socket(7)
_NO_SYN = (  # linux/filter.h: code, jump if true, jump if false, value
    (0x30, 0, 0, 13),  # load the TCP header's flags
    (0x45, 0, 1, 0x02),  # is SYN among them?
    (0x06, 0, 0, 0),  # then no byte of it is kept
    (0x06, 0, 0, 0xFFFFFFFF),
)


@dataclass(frozen=True)
class FrontSettings:
    """Times in seconds; `timeout` 0 is none, `metrics_path` "" is off.

    A request past its deadline gets `late_seconds` more to leave the batch queue with its own, truer error;
    clients that keep a connection get `lame_duck_seconds` to send a last request.
    """

    host: str
    port: int
    threads: int
    timeout: float
    metrics_path: str
    bounds: Bounds = field(default_factory=Bounds)
    drain_seconds: float = 30.0
    late_seconds: float = 1.0
    lame_duck_seconds: float = 1.0


class HttpFront:
    """Serves the REST API and the metrics page on one port."""

    def __init__(self, settings: FrontSettings, api: RestApi, metrics: Metrics) -> None:
        self._settings, self._api, self._metrics = settings, api, metrics
        self._pool = ThreadPoolExecutor(max(settings.threads - 1, 1), "rest")
        self._bodies = BodyReader(settings.bounds)
        self._draining = False
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Open the port; raises OSError when it is taken."""
        self._server = web.Server(
            self._serve,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=self._settings.bounds.read_seconds,
            lingering_time=2.0,
            read_bufsize=2**20,
        )
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._server, self._settings.host, self._settings.port, backlog=1024
        )

    async def drain(self) -> None:
        """Take no new connections; answer what comes in on those that are there, then close them."""
        self._draining = True
        if self._server is None or self._listener is None:
            return
        for each in self._listener.sockets:
            _hear_no_more(each)
        await asyncio.sleep(self._settings.lame_duck_seconds)
        self._listener.close()
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
        with contextlib.ExitStack() as held:
            try:
                gzip = http_body.zipped(request)
                raw = await self._bodies.read(request, held, large=gzip)
            except BodyError as error:
                response = _json(_refused(error))
                response.force_close()  # the rest of the body is still on its way
                return response
            return _json(await self._work(lambda: self._handle(request.method, path, raw, gzip), held))

    def _handle(self, method: str, path: str, raw: bytearray, gzip: bool) -> Reply:
        try:
            body = http_body.unzipped(raw, self._settings.bounds.body) if gzip else raw
        except BodyError as error:
            return _refused(error)
        return self._api.handle(method, path, body)

    async def _work(self, job: Callable[[], Reply], held: contextlib.ExitStack) -> Reply:
        """Run a job in the pool; answer 504 when it takes too long: it then runs on, its answer dropped."""
        work = self._pool.submit(job)
        future = asyncio.wrap_future(work)
        if not self._settings.timeout:
            return await future
        done, _ = await asyncio.wait((future,), timeout=self._settings.timeout + self._settings.late_seconds)
        if done:
            return future.result()
        work.cancel()
        memory = held.pop_all()
        future.add_done_callback(lambda _: memory.close())
        return Reply(504, json_rows.error_body("Timed out waiting for notification"))


def _hear_no_more(listener: socket.socket) -> None:
    """Let the kernel drop what would begin a connection: the client asks again, and finds the port closed.

    To close it at once would reset the connections that the kernel has taken and nobody has accepted yet.
    """
    program = struct.pack("=" + "HBBI" * len(_NO_SYN), *(part for each in _NO_SYN for part in each))
    memory = ctypes.create_string_buffer(program, len(program))
    with contextlib.suppress(OSError):  # where there are no such filters, a client may meet that reset
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_NO_SYN), ctypes.addressof(memory))
        )


def _refused(error: BodyError) -> Reply:
    return Reply(error.status, json_rows.error_body(error.text))


def _json(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, content_type="application/json")
