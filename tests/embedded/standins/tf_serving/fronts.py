"""The HTTP front by itself, in front of an API that only counts."""

import asyncio
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

    def handle(self, method: str, path: str, body: bytes | bytearray) -> Reply:
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
