"""`python -m bench.load.nullserver DELAY_MS`: an HTTP server that does nothing but wait.

It prints its port and answers every POST on kept connections after a known delay. When its standard input
ends it prints, as JSON, how long each request stayed with it in ms: what a load generator should have seen.
"""

import argparse
import json
import socketserver
import sys
import threading
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CLOSE = b"\r\nconnection: close"
LENGTH = b"\r\ncontent-length:"


class NullServer(socketserver.ThreadingTCPServer):
    """A thread for each connection. `stays` are the times of all requests so far, in ms."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, delay_millis: float) -> None:
        self.delay = delay_millis / 1000
        self.stays: list[float] = []
        super().__init__(("127.0.0.1", 0), _Connection)

    def answer(self, _: bytes) -> bytes:
        """The whole reply to a request's body."""
        return ANSWER

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self.server_address[1])


class _Connection(socketserver.StreamRequestHandler):
    """The least of HTTP/1.1 that POST needs; http.server would cost more than what is measured."""

    server: NullServer
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while head := self._head():
            begin = time.perf_counter()
            answer = self.server.answer(self.rfile.read(_length(head)))
            time.sleep(max(0.0, begin + self.server.delay - time.perf_counter()))
            self.wfile.write(answer)
            self.server.stays.append((time.perf_counter() - begin) * 1000)
            if CLOSE in head:
                return

    def _head(self) -> bytes:
        """The request line and headers, in lower case; empty at the connection's end."""
        lines = []
        try:
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                lines.append(line)
        except ConnectionError:
            return b""
        return b"".join(lines).lower()


def _length(head: bytes) -> int:
    return int(head.partition(LENGTH)[2].partition(b"\r\n")[0] or 0)


def main() -> None:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("delay_millis", type=float)
    server = NullServer(parser.parse_args().delay_millis)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    sys.stdin.read()
    print(json.dumps(server.stays))


if __name__ == "__main__":
    main()
