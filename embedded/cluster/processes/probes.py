"""Is a component healthy? Each probe is data; `check` is the only function that touches the network."""

import http.client
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from base.children import tied

TIMEOUT = 5.0


@dataclass(frozen=True)
class Http:
    """Healthy if GET answers 200. `ca` makes it https; `identity` is a client certificate and its key."""

    host: str
    port: int
    path: str
    ca: Path | None = None
    identity: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class UnixHttp:
    """Healthy if GET on a Unix socket answers 200."""

    socket: Path
    path: str


@dataclass(frozen=True)
class Command:
    """Healthy if the command ends with 0."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class Heartbeat:
    """Healthy if the file was touched within `max_age` seconds."""

    file: Path
    max_age: float


Probe = Http | UnixHttp | Command | Heartbeat


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


def check(probe: Probe) -> bool:
    """True if healthy; never raises for an unhealthy component."""
    try:
        return _check(probe)
    except (OSError, http.client.HTTPException, subprocess.SubprocessError):
        return False


def _check(probe: Probe) -> bool:
    match probe:
        case Http():
            return get(connection(probe), probe.path)[0] == 200
        case UnixHttp():
            return get(UnixConnection(probe.socket), probe.path)[0] == 200
        case Command():
            done = subprocess.run(
                probe.argv, capture_output=True, timeout=TIMEOUT, check=False, preexec_fn=tied()
            )
            return done.returncode == 0
        case Heartbeat():
            return time.time() - probe.file.stat().st_mtime < probe.max_age


def connection(probe: Http) -> http.client.HTTPConnection:
    if probe.ca is None:
        return http.client.HTTPConnection(probe.host, probe.port, timeout=TIMEOUT)
    context = ssl.create_default_context(cafile=str(probe.ca))
    if probe.identity:
        context.load_cert_chain(*map(str, probe.identity))
    return http.client.HTTPSConnection(probe.host, probe.port, timeout=TIMEOUT, context=context)


def get(link: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    """Status and body of one GET; closes the connection."""
    try:
        link.request("GET", path)
        reply = link.getresponse()
        return reply.status, reply.read()
    finally:
        link.close()
