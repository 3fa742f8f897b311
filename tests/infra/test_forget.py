"""Pulumi's record goes with the cluster that it is of, and with no other."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.forget import main

KEPT = "Pulumi.gone.yaml"


def deployment(stack: str, context: str) -> str:
    """The state of a stack whose Kubernetes provider has a context."""
    urn = f"urn:pulumi:{stack}::emotion-serving::"
    provider = {
        "urn": f"{urn}pulumi:providers:kubernetes::cluster",
        "custom": True,
        "id": "11111111-1111-1111-1111-111111111111",
        "type": "pulumi:providers:kubernetes",
        "inputs": {"context": context},
    }
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    return json.dumps({"version": 3, "deployment": {"manifest": manifest, "resources": [provider]}})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a state of its own, whose passphrase is not known here."""
    (tmp_path / "Pulumi.yaml").write_text("name: emotion-serving\nruntime: python\n")
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    return tmp_path


@pytest.mark.skipif(not shutil.which("pulumi"), reason="pulumi is not on PATH; make up brings it")
def test_the_stacks_of_a_context_are_forgotten_and_their_settings_stay(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pulumi(*words: str, stdin: str = "") -> str:
        command = ["pulumi", "--non-interactive", *words]
        return subprocess.run(
            command, cwd=project, input=stdin, capture_output=True, text=True, check=True
        ).stdout

    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "known to its user only")
    for stack, context in {"gone": "minikube", "stays": "cloud"}.items():
        pulumi("stack", "init", stack)
        pulumi("stack", "import", "--stack", stack, stdin=deployment(stack, context))
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    before = (project / KEPT).read_bytes()
    assert main(["minikube"], project) == 0
    assert capsys.readouterr().out == "forgot what stack gone had on minikube; its settings stay\n"
    assert [each["name"] for each in json.loads(pulumi("stack", "ls", "--json"))] == ["stays"]
    assert (project / KEPT).read_bytes() == before


@pytest.mark.parametrize(
    ("program", "reason"),
    [("echo 'error: not\n  logged in' >&2; exit 255", "failed: error: not logged in"), (None, "not on PATH")],
)
def test_a_pulumi_that_refuses_is_one_line_with_what_to_run(
    program: str | None,
    reason: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", f"{project}:/nowhere")
    if program:
        (project / "pulumi").write_text(f"#!/bin/sh\n{program}\n")
        (project / "pulumi").chmod(0o755)
    assert main(["minikube"], project) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert line.endswith("; then run: python -m infra.forget minikube")
