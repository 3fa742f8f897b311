"""The embedded cluster itself, with a small program in it that answers and looks around."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import pytest
import requests

from embedded.cluster import layout
from embedded.cluster.processes import programs
from embedded.machine import paths
from embedded.toolchain.golang import find_go

NAMESPACE = "test-embedded-cluster"
IMAGE = "localhost:5000/tests/probe:1"
SOURCES = Path(__file__).parent / "probe"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Answer:
    """What the probe said: HTTP status and text."""

    status: int
    text: str


@dataclass(frozen=True)
class Probe:
    """The program in the pod, by its LoadBalancer address and by its NodePort."""

    address: str
    node_port: int

    def ask(self, path: str = "/", host: str = "") -> Answer:
        url = f"http://{host or f'{self.address}:8080'}{path}"
        reply = requests.get(url, timeout=15, headers={"Connection": "close"})
        return Answer(reply.status_code, reply.text.strip())

    def resolve(self, name: str) -> Answer:
        return self.ask(f"/resolve?name={quote(name)}")

    def dial(self, address: str) -> Answer:
        return self.ask(f"/dial?address={address}")

    def answers(self) -> bool:
        return self.ask() == Answer(200, "pong")


def eventually(look: Callable[[], Found], seconds: float = 90) -> Found:
    """Poll until `look` neither raises nor returns something false; the last failure is the test's."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = look()
            assert found, f"still {found!r}"
            return found
        except (AssertionError, OSError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def kubectl(*arguments: str, stdin: str = "") -> str:
    """Standard output of kubectl; its standard error is the failure."""
    argv = (programs.find("kubectl"), f"--kubeconfig={paths.kubeconfig()}", "--context=embedded", *arguments)
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def deploy() -> Probe:
    """Build the image if the registry lacks it, apply the manifests, wait for the answer."""
    if not requests.get("http://127.0.0.1:5000/v2/tests/probe/manifests/1", timeout=10).ok:
        build_and_push()
    kubectl("apply", "-f", str(SOURCES / "probe.yaml"))
    service = ("get", "service", "probe", f"--namespace={NAMESPACE}")
    address = eventually(lambda: kubectl(*service, "--output=jsonpath={.status.loadBalancer.ingress[0].ip}"))
    probe = Probe(address, int(kubectl(*service, "--output=jsonpath={.spec.ports[0].nodePort}")))
    eventually(probe.answers)
    return probe


def build_and_push() -> None:
    go = find_go()
    assert go, "the toolchain holds no Go"
    here = layout.current()
    context = here.run / "test-probe"
    context.mkdir(exist_ok=True)
    environment = {**os.environ, "CGO_ENABLED": "0", "DOCKER_BUILDKIT": "0"}
    environment["DOCKER_HOST"] = f"unix://{here.docker_socket}"
    shutil.copy(SOURCES / "Dockerfile", context)
    for argv in (
        (str(go.path), "build", "-o", str(context / "probe"), str(SOURCES / "main.go")),
        (programs.find("docker"), "build", "--tag", IMAGE, str(context)),
        (programs.find("docker"), "push", IMAGE),
    ):
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
    shutil.rmtree(context)


@pytest.fixture(scope="session")
def running(embedded_cluster: None) -> Iterator[None]:  # noqa: ARG001
    """The cluster runs; the tests' namespace goes with them."""
    yield
    if paths.kubeconfig().exists():
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=60s")


@pytest.fixture
def probe(running: None) -> Probe:  # noqa: ARG001
    return deploy()
