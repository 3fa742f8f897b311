"""Proxy variables: no client asks a proxy about what is near, and each still asks it about others."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from stack import near
from stack.files import ROOT
from tests.listening import serve

VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
ELSEWHERE = "cluster.example"  # resolves nowhere: only a proxy can answer for it
PHOTO = {"predictions": [{"sad": 0, "scared": 0, "neutral": 0, "happy": 1, "angry": 0, "label": "happy"}]}


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers everything that is asked of this server, by GET or POST; counts what came as to a proxy."""

    status = 200

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(PHOTO).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


class Proxy(Answering):
    """Answers for ELSEWHERE and refuses the rest, as a company's proxy does."""

    def do_GET(self) -> None:
        self.status = 200 if f"//{ELSEWHERE}" in self.path else 403
        super().do_GET()

    def do_CONNECT(self) -> None:
        self.do_GET()


@contextmanager
def listening(handler: type[Answering], host: str = "127.0.0.1") -> Iterator[int]:
    server = http.server.ThreadingHTTPServer((host, 0), handler)
    thread = serve(server)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def proxied(port: int, folder: Path, servers: dict[str, str]) -> dict[str, str]:
    """An environment with every proxy variable, and a kubeconfig of these servers by their contexts."""
    (folder / "kubeconfig").write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
                "contexts": [{"name": name, "context": {"cluster": name, "user": ""}} for name in servers],
                "users": [{"name": "", "user": {}}],
            }
        )
    )
    clean = {
        name: value for name, value in os.environ.items() if name.lower() not in (*VARIABLES, "no_proxy")
    }
    url = f"http://127.0.0.1:{port}"
    variables = {spelled: url for name in VARIABLES for spelled in (name, name.upper())}
    return clean | variables | {"KUBECONFIG": str(folder / "kubeconfig")}


NEAR_ANSWERS = {
    "requests": "200",
    "urllib": "200",
    "predict": "happy",
    "kubernetes": "{",
    "openloop": "200",
    "websocket": "200",
    "grpc": "b'hello'",
    "kubectl": "{",
    "k6": "200",
}


def answers(environment: dict[str, str], *arguments: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.near_clients", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("alive", [True, False], ids=["a proxy that refuses", "a dead proxy"])
def test_no_client_asks_a_proxy_about_what_is_near(tmp_path: Path, alive: bool) -> None:
    missing = {name for name in ("kubectl", "k6") if shutil.which(name) is None}
    expected = {name: answer for name, answer in NEAR_ANSWERS.items() if name not in missing}
    with listening(Answering) as port, listening(Proxy) as proxy:
        url = f"http://127.0.0.1:{port}/"
        environment = proxied(proxy if alive else dead_port(), tmp_path, {"here": url})
        assert answers(environment, "here", url, *expected) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_the_load_balancers_loopback_addresses_are_near(tmp_path: Path) -> None:
    with listening(Answering, "127.0.10.7") as port, listening(Proxy) as proxy:
        url = f"http://127.0.10.7:{port}/"
        asked = answers(
            proxied(proxy, tmp_path, {"here": url}), "here", url, "requests", "predict", "kubernetes"
        )
    assert asked == {name: NEAR_ANSWERS[name] for name in asked}


def test_a_cluster_behind_a_proxy_is_asked_through_it(tmp_path: Path) -> None:
    url = f"http://{ELSEWHERE}/"
    with listening(Proxy) as proxy:
        environment = proxied(proxy, tmp_path, {"there": url})
        programs = ("requests", "predict", "kubernetes", *(["kubectl"] if shutil.which("kubectl") else []))
        assert answers(environment, "there", url, *programs) == {
            name: NEAR_ANSWERS[name] for name in programs
        }


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs pulumi")
def test_pulumi_reaches_its_own_program_past_a_dead_proxy(tmp_path: Path) -> None:
    """In an activated shell: `scripts/venv` has it complete NO_PROXY as is done here."""
    project = {"name": "near", "runtime": "python", "backend": {"url": f"file://{tmp_path}"}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('answer', 42)\n")
    environment = proxied(dead_port(), tmp_path, {}) | {
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        "VIRTUAL_ENV": sys.prefix,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": "none",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
    environment |= near.exceptions(environment)
    for words in (["stack", "init", "here"], ["preview", "--stack", "here"]):
        done = subprocess.run(
            ["pulumi", "--non-interactive", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "answer: 42" in done.stdout
