"""The viewer as its image runs it: a process of its own with an environment and provisioning files."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from tests.embedded.standins.grafana import examples
from tests.embedded.standins.grafana.browser import Browser, chromium
from tests.embedded.standins.grafana.prometheus import FakePrometheus, serving

PASSWORD = "correct horse battery staple"
START_SECONDS = 30


@dataclass(frozen=True)
class Viewer:
    """A running viewer."""

    url: str
    prometheus: FakePrometheus

    def get(self, path: str, **options: object) -> requests.Response:
        """As the admin, by basic auth."""
        return self.ask("GET", path, auth=("admin", PASSWORD), **options)

    def ask(self, method: str, path: str, **options: object) -> requests.Response:
        """As nobody, without following redirections."""
        with requests.Session() as session:
            session.trust_env = False
            settings = {"timeout": 10, "allow_redirects": False, **options}
            return session.request(method, f"{self.url}{path}", **settings)  # type: ignore[arg-type]


def provision(folder: Path, prometheus: str) -> Path:
    """Provisioning files as the project's ConfigMaps hold them; returns their folder."""
    boards = folder / "boards"
    source = {
        "name": "Prometheus",
        "uid": "prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": prometheus,
        "isDefault": True,
        "jsonData": {"timeInterval": "10s"},
    }
    provider = {"name": "boards", "folder": "Examples", "type": "file", "options": {"path": str(boards)}}
    files = {
        "datasources/prometheus.yaml": yaml.safe_dump({"apiVersion": 1, "datasources": [source]}),
        "dashboards/boards.yaml": yaml.safe_dump({"apiVersion": 1, "providers": [provider]}),
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    boards.mkdir()
    (boards / "example.json").write_text(examples.as_json())
    return folder


def environment(provisioning: Path, password_file: Path, port: int) -> dict[str, str]:
    """What the project's Deployment sets, and where the files are here."""
    home = provisioning / "boards" / "example.json"
    return {
        "GF_SECURITY_ADMIN_USER": "admin",
        "GF_SECURITY_ADMIN_PASSWORD__FILE": str(password_file),
        "GF_AUTH_ANONYMOUS_ENABLED": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_PATHS_PROVISIONING": str(provisioning),
        **({"GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(home)} if home.exists() else {}),
        "GF_SERVER_HTTP_PORT": str(port),
    }


def start(settings: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "embedded.standins.grafana", "server"]
    inherited = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, env=inherited | settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(viewer: Viewer, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the viewer ended: {process.communicate()}"
        try:
            if viewer.ask("GET", "/api/health").status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"the viewer is not healthy after {START_SECONDS} s")


@pytest.fixture(scope="session")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    folder, port = tmp_path_factory.mktemp("grafana"), free_port()
    (folder / "password").write_text(f"{PASSWORD}\n")
    with serving() as prometheus:
        provisioning = provision(folder / "provisioning", prometheus.url)
        process = start(environment(provisioning, folder / "password", port))
        running = Viewer(f"http://127.0.0.1:{port}", prometheus)
        try:
            wait_until_healthy(running, process)
            yield running
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.fixture(scope="session")
def admin(browser: Browser, viewer: Viewer) -> Browser:
    """A browser whose user has logged in to the viewer."""
    browser.log_in(viewer.url, "admin", PASSWORD)
    return browser
