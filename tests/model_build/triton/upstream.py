"""Upstream's Triton from its wheel, where this machine has that: the program of the local mirror's image."""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil
import pytest
import requests

from stack.files import ROOT
from stack.servers import triton
from stack.servers.model import OURS

REQUIREMENTS = ROOT / "embedded" / "mirror" / "triton" / "requirements.txt"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Program:
    """An environment that holds Triton, its backend and the model's packages."""

    home: Path

    @cached_property
    def site(self) -> Path:
        """Its Python's packages."""
        return next((self.home / "lib").glob("python*")) / "site-packages"

    @property
    def backends(self) -> Path:
        """The folder that holds the Python backend."""
        return self.home / "backends"

    @property
    def environment(self) -> dict[str, str]:
        """That of the server: the stub processes find their Python by PATH."""
        libraries = f"{self.site / 'nvidia_pytriton.libs'}:{sysconfig.get_config_var('LIBDIR')}"
        path = f"{self.home / 'bin'}:{self.site / 'pytriton/tritonserver/bin'}:{os.environ['PATH']}"
        return {
            **os.environ,
            **triton.server(OURS).environment(triton.Triton()),
            "LD_LIBRARY_PATH": libraries,
            "PATH": path,
        }


def program(home: Path) -> Program:
    """Installed from uv's cache, which the mirror fills; the test is skipped where there is none."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if (
        platform.machine() != "x86_64"
        or version == "3.13"
        or not sysconfig.get_config_var("Py_ENABLE_SHARED")
    ):
        pytest.skip("Triton's wheel is for x86-64, and its stub for NumPy 1 and a shared libpython")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    made = Program(home)
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--require-hashes",
    ]
    done = subprocess.run([*install, "--target", str(made.site), "-r", str(REQUIREMENTS)], check=False)
    if done.returncode:
        pytest.skip("uv's cache lacks Triton's wheel; the mirror's build brings it")
    upstream = made.site / "pytriton" / "tritonserver"
    shutil.copytree(upstream / "backends", made.backends)
    stub = shutil.copy(upstream / "python_backend_stubs" / version / triton.STUB, made.backends / "python")
    for file in (Path(stub), upstream / "bin" / "tritonserver"):
        file.chmod(0o755)
    return made


@dataclass(frozen=True)
class Server:
    """A running Triton on this machine."""

    process: subprocess.Popen[bytes]
    http: int
    metrics: int
    repository: Path

    def url(self, path: str) -> str:
        """An address of its HTTP API."""
        return f"http://127.0.0.1:{self.http}{path}"

    def infer(self, body: bytes, **headers: str) -> requests.Response:
        """One request; the bench's headers unless others are given."""
        told = headers or triton.server(OURS).dialect.headers
        return requests.post(self.url(triton.server(OURS).predict_path), body, headers=told, timeout=30)

    def page(self) -> str:
        """Its metrics."""
        return requests.get(f"http://127.0.0.1:{self.metrics}/metrics", timeout=10).text

    def stubs(self) -> list[psutil.Process]:
        """The processes of its instances."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in children if each.name().startswith(triton.STUB[:15])]


@contextmanager
def running(made: Program, exported: Path, wanted: triton.Triton, folder: Path) -> Iterator[Server]:
    """Triton on a copy of the exported repository, with the command and the files of a stack."""
    repository = shutil.copytree(exported, folder / "models")
    configs = repository / "emotions" / "configs"
    configs.mkdir()
    for name, text in triton.files(OURS, wanted).items():
        (configs / name).write_text(text)
    http, metrics = free_ports()
    own = {
        "--model-repository": repository,
        "--http-port": http,
        "--metrics-port": metrics,
        "--exit-timeout-secs": 6,
    }
    words = [
        f"{name}={own.get(name, value)}"
        for name, _, value in (w.partition("=") for w in triton.command(wanted)[4:])
    ]
    words += [f"--{name}-address=127.0.0.1" for name in ("http", "metrics")]
    command = [*triton.command(wanted)[:4], *words, f"--backend-directory={made.backends}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=made.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            server = Server(process, http, metrics, repository)
            _wait(server, folder / "log")
            yield server
        finally:
            process.terminate()
            process.wait(40)


def free_ports() -> tuple[int, int]:
    """Two ports that nobody has."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait(server: Server, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            if requests.get(server.url("/v2/health/ready"), timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    server.process.send_signal(signal.SIGKILL)
    pytest.fail(f"Triton did not get ready:\n{log.read_text()[-3000:]}")
