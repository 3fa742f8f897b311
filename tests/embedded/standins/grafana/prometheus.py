"""A Prometheus that knows two variants of two pods each, and remembers what it was asked."""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.listening import serve

PODS = {
    "emotion-minikube": ("tensorflow-serving-7d9f", "torchserve-55c8"),
    "emotion-tf-hpa": ("tensorflow-serving-aaaa", "tensorflow-serving-bbbb"),
}
SIZES = {"demo_seconds": 0.03, "demo_share": 0.6, "demo_rows": 6.0, "demo_bytes": 3.0e8, "demo_up": 1.0}


@dataclass
class FakePrometheus:
    """`asked` has every query with its parameters, in order."""

    url: str
    asked: list[dict[str, str]] = field(default_factory=list)

    def queries(self, metric: str) -> list[dict[str, str]]:
        return [each for each in self.asked if metric in each.get("query", "")]


@contextmanager
def serving() -> Iterator[FakePrometheus]:
    """It answers on a free port of the loopback address while this holds."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            parameters = {name: values[-1] for name, values in parse_qs(url.query).items()}
            fake.asked.append({"path": url.path, **parameters})
            status, body = answer(url.path, parameters)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakePrometheus(f"http://127.0.0.1:{server.server_port}")
    serve(server)
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def answer(path: str, parameters: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Status and body, as Prometheus' HTTP API has them."""
    if path.startswith("/api/v1/label/"):
        return 200, {"status": "success", "data": _label(path.split("/")[4], parameters.get("match[]", ""))}
    query = parameters.get("query", "")
    if "broken" in query:
        return 400, {"status": "error", "errorType": "bad_data", "error": "parse error: broken on purpose"}
    if path.endswith("/query_range"):
        return 200, _data(
            "matrix", [{"metric": pod, "values": _wave(query, n, parameters)} for n, pod in _pods(query)]
        )
    at = float(parameters["time"])
    return 200, _data("vector", [{"metric": pod, "value": _point(query, n, at)} for n, pod in _pods(query)])


def _data(kind: str, result: list[dict[str, object]]) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def _label(name: str, match: str) -> list[str]:
    return sorted({labels[name] for _, labels in _pods(match)})


def _pods(query: str) -> list[tuple[int, dict[str, str]]]:
    if "nothing" in query:
        return []
    every = [{"namespace": namespace, "pod": pod} for namespace, pods in PODS.items() for pod in pods]
    wanted = {name: _wanted(query, name) for name in ("namespace", "pod")}
    found = [labels for labels in every if all(re.fullmatch(wanted[name], labels[name]) for name in wanted)]
    return list(enumerate(found))


def _wanted(query: str, label: str) -> str:
    found = re.search(rf'{label}=~?"([^"]*)"', query)
    return found.group(1).replace("\\\\", "\\") if found else ".*"


def _wave(query: str, number: int, parameters: dict[str, str]) -> list[list[object]]:
    start, end, step = (float(parameters[name]) for name in ("start", "end", "step"))
    return [_point(query, number, start + index * step) for index in range(int((end - start) / step) + 1)]


def _point(query: str, number: int, at: float) -> list[object]:
    size = next((value for metric, value in SIZES.items() if metric in query), 40.0)
    return [at, str(size * (1 + 0.5 * number + 0.3 * math.sin(at / 90 + number) + 0.05 * math.sin(at / 7)))]
