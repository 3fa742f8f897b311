"""Servers of the standard library that tests talk to."""

from socketserver import BaseServer
from threading import Thread

POLL_SECONDS = 0.01  # by default a server hears of its end after half a second, in each of a hundred tests


def serve(server: BaseServer) -> Thread:
    """The server answers in a thread, until its `shutdown`."""
    thread = Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    return thread
