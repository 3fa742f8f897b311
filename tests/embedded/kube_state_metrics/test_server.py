"""The program's pages, before an API server that is there and one that is not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from embedded.kube_state_metrics import NAME, server
from embedded.kube_state_metrics.api import Api


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
        threading.Thread(target=running.serve_forever, daemon=True).start()
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
        threading.Thread(target=running.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{running.server_port}"
        answer = requests.get(f"{here}/livez", timeout=5)
        assert (answer.status_code, answer.text) == (200, "ok")
        assert answer.headers["Server"].strip() == NAME
        assert requests.get(f"{here}/other", timeout=5).status_code == 404
        running.shutdown()


def test_unknown_flags_and_kinds_end_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--nonsense"], ["--resources=secrets"]):
        with pytest.raises(SystemExit) as ended:
            server.options(arguments)
        assert ended.value.code == 2
    assert (
        "expected some of deployments, horizontalpodautoscalers, pods, got secrets" in capsys.readouterr().err
    )
