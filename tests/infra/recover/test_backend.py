"""Where Pulumi keeps the states, whoever chose the place."""

import shutil
from pathlib import Path

import pytest

from infra.recover import backend
from stack import pulumi
from stack.files import ROOT


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b", Path("/a/b")),
        ("file://~", Path.home()),
        ("file://~/a%20b", Path.home() / "a b"),
        ("file://./here", ROOT / "here"),
    ],
)
def test_a_folder_is_found_however_it_is_written(url: str, path: Path) -> None:
    found = backend.at(url)
    assert found
    assert found.path == path.resolve()


@pytest.mark.parametrize("url", ["https://api.pulumi.com", "s3://bucket"])
def test_a_backend_that_is_no_folder_is_left_to_pulumi(url: str) -> None:
    assert backend.at(url) is None


def test_a_backend_that_a_login_chose_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("pulumi"):
        pytest.skip("pulumi is not on PATH")
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    pulumi.ask("login", f"file://{tmp_path}")
    assert backend.find() == backend.Folder(tmp_path)


def test_only_state_files_count_as_states_and_backups_come_newest_first(tmp_path: Path) -> None:
    folder = backend.Folder(tmp_path)
    state = folder.file("a.b")
    state.parent.mkdir(parents=True)
    for suffix in ("", ".bak", ".attrs", ".bak.attrs"):
        state.with_name(state.name + suffix).touch()
    assert folder.states() == {"a.b": state}
    assert [file.name for file in folder.backups("a.b")] == ["a.b.json.bak"]
