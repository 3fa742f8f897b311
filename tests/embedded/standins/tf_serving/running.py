"""Starts the server as users do, in a process of its own on loopback, and talks to it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
START_SECONDS = 400  # several servers import TensorFlow at once, perhaps beside other work


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    """Status and body of a reply."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The error text of an error reply."""
        assert list(self.json) == ["error"]
        return str(self.json["error"])


class Running:
    """A server process, its ports, and what its stderr says."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.grpc_port, self.rest_port = free_port(), free_port()
        self.log = folder / "server.log"
        ports = (f"--port={self.grpc_port}", f"--rest_api_port={self.rest_port}")
        with self.log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "embedded.standins.tf_serving", *ports, *flags],
                cwd=ROOT,
                env={**os.environ, "TF_SERVING_STANDIN_HOST": "127.0.0.1"},
                stdout=stderr,
                stderr=stderr,
            )

    def ready(self) -> "Running":
        """Wait until the REST port answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.rest_port), 1):
                return self
            time.sleep(0.1)
        raise AssertionError(f"no answer after {START_SECONDS} s: {self.log.read_text()}")

    def ask(self, path: str, body: Any = None, method: str | None = None, **headers: str) -> Answer:
        """Send a request; `body` as JSON unless it is bytes or None."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.rest_port}{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Answer(reply.status, reply.read(), dict(reply.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), dict(error.headers))

    def predict(self, body: Any, target: str = "/v1/models/half") -> Answer:
        """POST a predict request."""
        return self.ask(f"{target}:predict", body)

    def metric(self, sample: str) -> float:
        """Value of one sample of the metrics page; 0 when it is not there."""
        page = self.ask("/monitoring/prometheus/metrics").body.decode()
        values = [line.rpartition(" ")[2] for line in page.splitlines() if line.startswith(sample + " ")]
        return float(values[0]) if values else 0.0

    def raw(self, data: bytes, timeout: float = 60) -> bytes:
        """Send bytes as they are; returns what comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.rest_port), timeout) as connection:
            connection.sendall(data)
            chunks = []
            while chunk := connection.recv(65536):
                chunks.append(chunk)
        return b"".join(chunks)

    def terminate(self) -> None:
        """Ask the server to stop, as Kubernetes does."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=30)
