"""The environment that activation of the virtual environment brings."""

import subprocess
from pathlib import Path

import pytest

from embedded.machine import environment, paths


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    activate = tmp_path / "venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'VIRTUAL_ENV="{activate.parent.parent}"\n')
    return activate.parent.parent


def activated(venv: Path, command: str) -> str:
    answer = subprocess.run(
        ["bash", "-c", f". {venv}/bin/activate && {command}"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def test_activation_points_pulumi_and_kubectl_at_the_embedded_cluster(venv: Path) -> None:
    environment.write(venv)
    assert activated(venv, "echo $KUBECONFIG") == str(paths.kubeconfig())
    assert activated(venv, "echo $PULUMI_BACKEND_URL") == f"file://{paths.state()}/pulumi"


def test_the_tools_come_first_and_only_once(venv: Path) -> None:
    environment.write(venv)
    again = f". {venv}/bin/activate && echo $PATH"
    assert activated(venv, again).split(":").count(str(paths.tools())) == 1
    assert activated(venv, again).startswith(f"{paths.tools()}:")


def test_a_passphrase_of_another_project_does_not_take_the_place_of_ours(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another project's")
    environment.write(venv)
    assert activated(venv, "echo ${PULUMI_CONFIG_PASSPHRASE-unset}") == "unset"


def test_writing_twice_changes_nothing(venv: Path) -> None:
    environment.write(venv)
    passphrase = (paths.state() / "pulumi" / "passphrase").read_text()
    activate = (venv / "bin" / "activate").read_text()
    environment.write(venv)
    assert (venv / "bin" / "activate").read_text() == activate
    assert (paths.state() / "pulumi" / "passphrase").read_text() == passphrase


def test_the_passphrase_is_long_and_only_its_owners(venv: Path) -> None:
    environment.write(venv)
    file = paths.state() / "pulumi" / "passphrase"
    assert len(file.read_text()) >= 32
    assert file.stat().st_mode & 0o077 == 0


def test_forgetting_stacks_keeps_the_passphrase(venv: Path) -> None:
    environment.write(venv)
    stacks = paths.state() / "pulumi" / ".pulumi" / "stacks"
    stacks.mkdir(parents=True)
    environment.forget_stacks()
    assert not stacks.exists()
    assert (paths.state() / "pulumi" / "passphrase").exists()
