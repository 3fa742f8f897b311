"""The program's pages, before an API server that is there and one that is not."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from embedded.standins.kube_state_metrics import NAME, server
from embedded.standins.kube_state_metrics.api import Api
from tests.listening import serve

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def account(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("secret\n")
    return tmp_path


@pytest.fixture
def api(account: Path) -> Iterator[Api]:
    """An API server with one Deployment, for the bearer of the token."""
    deployment = {"metadata": {"namespace": "n", "name": "d"}, "spec": {"replicas": 1}}

    class Kubernetes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == "Bearer secret"
            self.send_response(200 if known and self.path == "/apis/apps/v1/deployments" else 403)
            self.end_headers()
            self.wfile.write(json.dumps({"items": [deployment]}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Kubernetes) as running:
        serve(running)
        yield Api(f"http://127.0.0.1:{running.server_port}", account)
        running.shutdown()


def test_the_page_shows_what_the_api_server_lists_now(api: Api) -> None:
    status, body = server.page(api, ["deployments"])
    assert status == 200
    assert 'kube_deployment_spec_replicas{namespace="n",deployment="d"} 1\n' in body


def test_a_refusal_or_silence_of_the_api_server_is_503(api: Api, account: Path) -> None:
    assert server.page(api, ["pods"])[0] == 503
    assert server.page(Api("http://127.0.0.1:9", account), ["deployments"])[0] == 503


def test_the_server_header_says_that_it_is_a_stand_in() -> None:
    with server.serve("127.0.0.1", 0, {"/livez": lambda: (200, "ok")}) as running:
        serve(running)
        here = f"http://127.0.0.1:{running.server_port}"
        answer = requests.get(f"{here}/livez", timeout=5)
        assert (answer.status_code, answer.text) == (200, "ok")
        assert answer.headers["Server"] == NAME
        assert requests.get(f"{here}/other", timeout=5).status_code == 404
        running.shutdown()


def test_an_answer_that_is_no_list_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "dumps", lambda _: "{}")
    status, body = server.page(api, ["deployments"])
    assert status == 503
    assert "/apis/apps/v1/deployments: expected a list" in body


def test_a_page_is_kept_for_one_second() -> None:
    made: list[float] = []
    now = [0.0]

    def make() -> tuple[int, str]:
        made.append(now[0])
        return 200, ""

    get = server.cached(make, lambda: now[0])
    for seconds in (0.0, 0.9, 1.0, 1.5):
        now[0] = seconds
        get()
    assert made == [0.0, 1.0]


@pytest.mark.parametrize("status", [200, 503])
def test_ready_means_that_the_metrics_can_be_made(status: int) -> None:
    main_port, telemetry = server.ports(lambda: (status, "metrics or the reason"))
    assert telemetry["/readyz"]()[0] == main_port["/metrics"]()[0] == status
    assert main_port["/livez"]()[0] == main_port["/healthz"]()[0] == 200


def test_closing_waits_for_the_request_under_way() -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow() -> tuple[int, str]:
        asked.set()
        go_on.wait(30)
        return 200, "whole"

    answers: list[str] = []
    with server.serve("127.0.0.1", 0, {"/metrics": slow}) as running:
        serve(running)
        here = f"http://127.0.0.1:{running.server_port}/metrics"
        client = threading.Thread(target=lambda: answers.append(requests.get(here, timeout=30).text))
        client.start()
        assert asked.wait(30)
        running.shutdown()
        threading.Timer(0.2, go_on.set).start()
    client.join(30)
    assert answers == ["whole"]


def program(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KUBERNETES_")}
    return subprocess.Popen(
        (sys.executable, "-m", "embedded.standins.kube_state_metrics", *arguments),
        cwd=ROOT,
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_outside_a_cluster_it_ends_with_one_line() -> None:
    ended = program()
    out, error = ended.communicate(timeout=60)
    assert (ended.returncode, out) == (1, "")
    assert error.startswith("kube-state-metrics: KUBERNETES_SERVICE_HOST: expected ")
    assert error.count("\n") == 1


def test_it_says_what_it_is_and_sigterm_ends_it_well() -> None:
    ports = ("--host=127.0.0.1", "--port=0", "--telemetry-port=0")
    with program(*ports, KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT="9") as running:
        assert running.stdout
        assert running.stdout.readline().startswith(NAME)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0


def test_the_version_says_that_it_is_a_stand_in() -> None:
    out, _ = program("--version").communicate(timeout=60)
    assert out.startswith(f"{NAME}, not kube-state-metrics")


def test_unknown_flags_and_kinds_end_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--nonsense"], ["--resources=secrets"]):
        with pytest.raises(SystemExit) as ended:
            server.options(arguments)
        assert ended.value.code == 2
    assert (
        "expected some of deployments, horizontalpodautoscalers, pods, got secrets" in capsys.readouterr().err
    )
