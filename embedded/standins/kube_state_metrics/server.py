"""The program: two ports, as upstream's."""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from embedded.standins.kube_state_metrics import CONTRACT, NAME
from embedded.standins.kube_state_metrics.api import Api, ApiError, in_cluster
from embedded.standins.kube_state_metrics.exposition import text
from embedded.standins.kube_state_metrics.families import KINDS

PLAIN = "text/plain; charset=utf-8"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
CACHE_SECONDS = 1.0
IDLE_SECONDS = 10
Page = Callable[[], tuple[int, str]]


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Upstream's flags, as far as they are used; an unknown one ends the program with status 2."""
    parser = argparse.ArgumentParser(prog="kube-state-metrics", description=NAME, allow_abbrev=False)
    version = f"{NAME}, not kube-state-metrics; follows the contract of kube-state-metrics {CONTRACT}"
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--telemetry-port", type=int, default=8081)
    parser.add_argument("--resources", type=_kinds, default=tuple(KINDS))
    return parser.parse_args(arguments)


def _kinds(text_: str) -> tuple[str, ...]:
    wanted = tuple(text_.split(","))
    unknown = [name for name in wanted if name not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(KINDS)}, got {unknown[0]}")
    return wanted


def page(api: Api, kinds: Sequence[str]) -> tuple[int, str]:
    """The metrics as they are now, or 503: an old answer would be a wrong one."""
    try:
        families = [family for kind in kinds for family in KINDS[kind][1](api.items(KINDS[kind][0]))]
    except (ApiError, ValueError, KeyError) as error:
        return 503, f"no metrics: {error}\n"
    return 200, text(families)


def cached(make: Page, clock: Callable[[], float] = time.monotonic) -> Page:
    """The same page, made anew once it is a second old; who asks meanwhile waits for it."""
    lock = threading.Lock()
    last: list[tuple[float, tuple[int, str]]] = []

    def get() -> tuple[int, str]:
        with lock:
            if not last or clock() - last[0][0] >= CACHE_SECONDS:
                last[:] = [(clock(), make())]
            return last[0][1]

    return get


class Server(ThreadingHTTPServer):
    """Closing it waits for the requests under way."""

    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        """One line: most often the client went away."""
        print(f"request failed: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


def serve(host: str, port: int, pages: Mapping[str, Page]) -> Server:
    """A server of some pages, not yet running. OSError if the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            status, body = pages.get(path, lambda: (404, "not found\n"))()
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", METRICS if path == "/metrics" and status == 200 else PLAIN)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def version_string(self) -> str:
            return NAME

        def log_message(self, *_: object) -> None:
            """Probes and scrapes are not worth a line each."""

    return Server((host, port), Handler)


def ports(metrics: Page) -> tuple[dict[str, Page], dict[str, Page]]:
    """The pages of the main port and of the telemetry port."""

    def fine() -> tuple[int, str]:
        return 200, "ok\n"

    def ready() -> tuple[int, str]:
        status, body = metrics()
        return (200, "ok\n") if status == 200 else (status, body)

    main_port: dict[str, Page] = {"/metrics": metrics, "/livez": fine, "/healthz": fine}
    return main_port, {"/readyz": ready, "/livez": fine, "/metrics": lambda: (200, "")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 after SIGTERM, 1 with one line on standard error if it cannot start."""
    chosen = options(arguments)
    stop = _stop_signal()
    try:
        api = in_cluster()
        pages = ports(cached(lambda: page(api, chosen.resources)))
        with ExitStack() as servers:
            for port, shown in zip((chosen.port, chosen.telemetry_port), pages, strict=True):
                _start(servers.enter_context(serve(chosen.host, port, shown)), servers)
            print(f"{NAME}: {', '.join(chosen.resources)} on port {chosen.port}", flush=True)
            stop.wait()
    except (ApiError, OSError, OverflowError) as error:
        print(f"kube-state-metrics: {error}", file=sys.stderr)
        return 1
    return 0


def _start(server: Server, stack: ExitStack) -> None:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)


def _stop_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
