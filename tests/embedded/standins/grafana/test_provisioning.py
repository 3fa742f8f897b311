"""Provisioning files: Grafana's formats, and a clear error for what is broken."""

import json
from pathlib import Path

import pytest

from embedded.standins.grafana.errors import ViewerError
from embedded.standins.grafana.provisioning import load
from embedded.standins.grafana.server import application
from embedded.standins.grafana.settings import Settings
from tests.embedded.standins.grafana.conftest import provision

URL = "http://prometheus:9090"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return provision(tmp_path / "provisioning", URL)


def test_data_sources_and_dashboards_are_found_by_uid(folder: Path) -> None:
    found = load(folder)
    source, board = found.data_sources["prometheus"], found.dashboards["example"]
    assert (source.url, source.default, source.time_interval) == (URL, True, "10s")
    assert (board.title, board.slug, board.folder) == ("Example overview", "example-overview", "Examples")
    assert board.tags == ("example",)


def test_the_hidden_copies_in_a_mounted_config_map_are_no_second_dashboard(folder: Path) -> None:
    hidden = folder / "boards" / "..2026_11_24"
    hidden.mkdir()
    (folder / "boards" / "example.json").rename(hidden / "example.json")
    (folder / "boards" / "..data").symlink_to(hidden)
    (folder / "boards" / "example.json").symlink_to("..data/example.json")
    assert list(load(folder).dashboards) == ["example"]


def test_a_dashboard_without_uid_is_called_by_its_file(folder: Path) -> None:
    (folder / "boards" / "second.json").write_text('{"title": "Second"}')
    assert load(folder).dashboards["second"].model["uid"] == "second"


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert (dict(found.data_sources), dict(found.dashboards)) == ({}, {})


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "datasources/x.yaml",
            "datasources: [{name: a, type: loki}]",
            "expected a data source of type prometheus",
        ),
        (
            "datasources/x.yaml",
            "datasources: [{name: a, type: prometheus, url: p}]",
            "expected http://HOST:PORT",
        ),
        ("datasources/x.yaml", "datasources: {a: 1}", "expected a list 'datasources'"),
        ("datasources/x.yaml", "a: [", "expected YAML"),
        (
            "dashboards/x.yaml",
            "providers: [{options: {path: /none}}]",
            "expected a folder of dashboards, got /none",
        ),
        ("boards/x.json", "{", "expected JSON"),
        ("boards/x.json", "[]", "title: expected a dashboard with a title"),
        ("boards/x.json", json.dumps({"uid": "example", "title": "Copy"}), "got 'example' twice"),
    ],
)
def test_a_broken_file_is_named(folder: Path, file: str, content: str, message: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(ViewerError, match=message):
        load(folder)


def test_a_home_dashboard_that_is_not_provisioned_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"title": "Other"}')
    settings = Settings(admin_password="x", home=tmp_path / "other.json")
    with pytest.raises(ViewerError, match="HOME_DASHBOARD_PATH: expected a provisioned dashboard, got"):
        application(settings, load(folder))
