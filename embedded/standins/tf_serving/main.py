"""Starts the server: settings, models, then ports; and stops it, letting what is under way finish."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from . import SERVER_NAME, VERSION, flags, settings
from .errors import StartError
from .settings import Settings


def stopwatch_log() -> Callable[[str], None]:
    """A log that prints one line on stderr with the seconds since now."""
    started = time.monotonic()

    def log(text: str) -> None:
        print(f"[{time.monotonic() - started:7.1f} s] {text}", file=sys.stderr, flush=True)

    return log


def main(arguments: Sequence[str]) -> int:
    """Run the server until SIGTERM or Ctrl-C; returns the exit code."""
    try:
        told = settings.read(flags.parse(arguments), os.environ)
        return asyncio.run(serve(told, stopwatch_log()))
    except (StartError, OSError, RuntimeError) as error:
        print(f"Failed to start server. Error: {error}", file=sys.stderr, flush=True)
        return 1


async def serve(told: Settings, log: Callable[[str], None]) -> int:
    """Load, answer until SIGTERM or Ctrl-C, drain; the exit code."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log(f"{SERVER_NAME} {VERSION}: not upstream software")
    # Keras, which TensorFlow would import though nothing here needs it, takes two fifths of the start.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    from .server import Server  # noqa: PLC0415  # brings TensorFlow: seconds that a bad flag must not wait for

    server = Server(told, log)
    loading = asyncio.create_task(asyncio.to_thread(server.load))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait((loading, stop), return_when=asyncio.FIRST_COMPLETED)
    if stopping.is_set():
        log("stopping while loading")
        server.manager.stop()
    await loading
    if not stopping.is_set():
        await server.open()
        await stop
        log("stopping: no new connections, requests under way finish")
        await server.close()
    log("stopped")
    return 0
