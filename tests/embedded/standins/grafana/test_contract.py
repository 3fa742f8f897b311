"""The viewer's HTTP contract: what Grafana's users and probes rely on, and nothing without a login."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.machine.paths import ROOT
from embedded.standins.grafana import NAME
from tests.embedded.standins.grafana.conftest import (
    PASSWORD,
    Viewer,
    environment,
    free_port,
    start,
    wait_until_healthy,
)

PROXY = "/api/datasources/proxy/uid/prometheus"
FOR_ALL = (
    "/api/health",
    "/login",
    "/public/style.css",
    "/public/login.js",
    "/public/theme.js",
    "/public/icon.svg",
)
REFUSED = (
    *("/api/search", "/api/user", "/api/datasources", "/api/datasources/uid/prometheus"),
    *(
        "/api/dashboards/uid/example",
        f"{PROXY}/api/v1/query?query=up",
        "/public/app.js",
        "/public/plotly.min.js",
    ),
    "/api/nothing",
)


@pytest.mark.parametrize("path", FOR_ALL)
def test_health_and_the_login_page_are_for_all(viewer: Viewer, path: str) -> None:
    assert viewer.ask("GET", path).status_code == 200


@pytest.mark.parametrize("path", REFUSED)
def test_without_a_login_everything_else_is_refused(viewer: Viewer, path: str) -> None:
    answer = viewer.ask("GET", path)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("path", ["/", "/dashboards", "/d/example/example-overview?from=now-5m", "/nothing"])
def test_without_a_login_a_page_leads_to_the_login(viewer: Viewer, path: str) -> None:
    answer = viewer.ask("GET", path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?redirectTo=/")


@pytest.mark.parametrize(
    "path", ["/API/search", "//api/search", "/api/health/../search", "/login/../api/search"]
)
def test_no_spelling_of_a_path_avoids_the_login(viewer: Viewer, path: str) -> None:
    assert viewer.ask("GET", path).status_code in (302, 401)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_without_a_login_nothing_is_taken(viewer: Viewer, method: str) -> None:
    assert viewer.ask(method, "/d/example").status_code == 401


def test_a_login_leaves_a_cookie_that_scripts_cannot_read_and_a_logout_ends_it(viewer: Viewer) -> None:
    login = viewer.ask("POST", "/login", json={"user": "admin", "password": PASSWORD})
    assert (login.status_code, login.json()) == (200, {"message": "Logged in"})
    assert "HttpOnly" in login.headers["Set-Cookie"]
    assert "SameSite=Lax" in login.headers["Set-Cookie"]
    cookies = {"cookies": dict(login.cookies)}
    assert viewer.ask("GET", "/api/user", **cookies).json()["login"] == "admin"
    assert viewer.ask("GET", "/logout", **cookies).status_code == 302
    assert viewer.ask("GET", "/api/user", **cookies).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"user": "admin", "password": "no"}', 401), (b"{}", 400), (b"[]", 400), (b"\xff", 400), (b"", 400)],
)
def test_a_wrong_login_is_refused(viewer: Viewer, body: bytes, status: int) -> None:
    answer = viewer.ask("POST", "/login", data=body)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/api/health", "/login", "/api/search", "/", "/nothing"])
def test_every_answer_says_that_it_is_not_grafanas(viewer: Viewer, path: str) -> None:
    headers = viewer.ask("GET", path).headers
    assert headers["Server"] == NAME
    assert "default-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/login", "/dashboards", "/d/example"])
def test_every_page_says_that_it_is_not_grafanas(viewer: Viewer, path: str) -> None:
    assert f"{NAME} — not Grafana" in viewer.get(path).text


def test_health_is_grafanas(viewer: Viewer) -> None:
    assert viewer.ask("GET", "/api/health").json()["database"] == "ok"


def test_search_finds_dashboards_by_words_and_tags(viewer: Viewer) -> None:
    (hit,) = viewer.get("/api/search?query=OVERVIEW&tag=example").json()
    assert (hit["uid"], hit["type"], hit["url"]) == ("example", "dash-db", "/d/example/example-overview")
    assert viewer.get("/api/search?query=nothing").json() == []
    assert viewer.get("/api/search?tag=other").json() == []


def test_a_dashboard_is_given_as_it_was_provisioned(viewer: Viewer) -> None:
    answer = viewer.get("/api/dashboards/uid/example").json()
    assert answer["meta"]["provisioned"] is True
    assert answer["dashboard"]["title"] == "Example overview"
    assert len(answer["dashboard"]["panels"]) == 11


@pytest.mark.parametrize("path", ["/api/dashboards/uid/none", "/api/datasources/uid/none", "/api/none"])
def test_what_is_not_there_is_404_in_json(viewer: Viewer, path: str) -> None:
    answer = viewer.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"]


def test_the_first_page_is_the_home_dashboard(viewer: Viewer) -> None:
    assert viewer.get("/").headers["Location"] == "/d/example/example-overview"


def test_the_data_source_is_described(viewer: Viewer) -> None:
    (source,) = viewer.get("/api/datasources").json()
    assert (source["uid"], source["type"], source["isDefault"]) == ("prometheus", "prometheus", True)


def test_queries_reach_prometheus_and_its_errors_come_back(viewer: Viewer) -> None:
    right = viewer.get(f"{PROXY}/api/v1/query", params={"query": "demo_up", "time": "1700000000"})
    assert right.json()["data"]["resultType"] == "vector"
    wrong = viewer.get(f"{PROXY}/api/v1/query", params={"query": "broken", "time": "1700000000"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "parse error: broken on purpose")


@pytest.mark.parametrize(
    "path", ["api/v1/admin/tsdb/delete_series", "-/quit", "api/v1/query/../../../-/quit", "metrics"]
)
def test_only_questions_are_forwarded(viewer: Viewer, path: str) -> None:
    before = len(viewer.prometheus.asked)
    assert viewer.get(f"{PROXY}/{path}").status_code in (403, 404)
    assert len(viewer.prometheus.asked) == before


def test_sigterm_ends_it_with_status_0_and_the_log_names_it_but_no_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    port = free_port()
    process = start(environment(tmp_path, tmp_path / "password", port))
    viewer = Viewer(f"http://127.0.0.1:{port}", None)  # type: ignore[arg-type]
    wait_until_healthy(viewer, process)
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert out.startswith(f"{NAME}, not Grafana: port {port}")
    assert PASSWORD not in out


def test_without_a_password_it_does_not_start_and_says_why(tmp_path: Path) -> None:
    process = start({"GF_PATHS_PROVISIONING": str(tmp_path)})
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith("GF_SECURITY_ADMIN_PASSWORD: expected a password")
    assert "Traceback" not in errors


def test_the_version_says_what_it_is() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "embedded.standins.grafana", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"{NAME}, not Grafana; follows the contract of Grafana 12.2.0\n"


def test_a_data_source_that_does_not_answer_is_named(tmp_path: Path) -> None:
    (tmp_path / "datasources").mkdir()
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "datasources" / "p.yaml").write_text(
        f"datasources: [{{name: Prometheus, uid: prometheus, type: prometheus, url: 'http://127.0.0.1:{free_port()}'}}]"
    )
    port = free_port()
    process = start(environment(tmp_path, tmp_path / "password", port))
    viewer = Viewer(f"http://127.0.0.1:{port}", None)  # type: ignore[arg-type]
    try:
        wait_until_healthy(viewer, process)
        answer = viewer.get(f"{PROXY}/api/v1/query?query=up")
        assert answer.status_code == 502
        assert answer.json()["message"].startswith("Prometheus: no answer from http://127.0.0.1")
    finally:
        process.terminate()
        process.communicate(timeout=20)


ASKED = {
    "panels": {"row", "stat", "timeseries"},
    "fields": {"custom", "min", "thresholds", "unit"},
    "styles": {"fillOpacity", "lineWidth", "showPoints", "thresholdsStyle"},
    "variables": {"query"},
    "calcs": {"lastNotNull", "max", "mean"},
}


def test_our_dashboards_ask_for_nothing_that_the_viewer_does_not_draw() -> None:
    found: dict[str, set[str]] = {name: set() for name in ASKED}
    for file in (ROOT / "tests" / "goldens" / "dashboards").glob("*.json"):
        board = json.loads(file.read_text())
        found["variables"] |= {each["type"] for each in board.get("templating", {}).get("list", [])}
        for panel in board["panels"]:
            config = panel.get("fieldConfig", {})
            fields = config.get("defaults", {})
            found["panels"].add(panel["type"])
            found["fields"] |= set(fields)
            found["styles"] |= set(fields.get("custom", {}))
            found["calcs"] |= set(panel.get("options", {}).get("legend", {}).get("calcs", []))
            assert not config.get("overrides"), f"{file.name}: {panel['title']}"
    assert found == ASKED, "teach the viewer (embedded/standins/grafana) what is new, then add it here"
