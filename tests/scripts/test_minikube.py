"""A machine with Pulumi, Docker and minikube: those are used, and nothing of the embedded default."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
NOT_RUNNING = 'case "$1" in status) exit 7;; esac\n'  # as minikube's exit code has it
TRAINS = 'case "$*" in *model_build*) mkdir -p artifacts/photos && touch artifacts/photos/face.jpg;; esac\n'
FINDS = 'case "$1" in -c) echo /astronaut.png;; esac\n'


@dataclass(frozen=True)
class Machine:
    """A copy of the scripts, and programs on PATH that only write down how they are called."""

    project: Path

    def has(self, program: str, behaviour: str = "") -> None:
        file = self.project / "bin" / program
        file.write_text(RECORD + behaviour)
        file.chmod(0o755)

    def run(self, script: str) -> list[str]:
        """The calls that a script makes, in order; `python -c` left out."""
        calls = self.project / "calls"
        calls.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.project / 'bin'}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "XDG_STATE_HOME": str(self.project / "state"),
        }
        done = subprocess.run(
            [self.project / "scripts" / script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return [line for line in calls.read_text().splitlines() if not line.startswith("python -c")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """The locked packages are there already; minikube is installed and does not run."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for folder in ("bin", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").touch()
    locked = [(ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "locked").write_text(hashlib.sha256(b"".join(locked)).hexdigest())
    bare = Machine(tmp_path)
    bare.has("pulumi")
    bare.has("docker")
    bare.has("minikube", NOT_RUNNING)
    bare.has("python", TRAINS + FINDS)
    return bare


TRAIN = "python -m model_build"
UP = [
    "python -m infra.deploy --yes minikube",
    "python -m bench predict /astronaut.png --stack minikube",
    "python -m bench predict artifacts/photos/face.jpg --stack minikube",
]


def test_up_starts_minikube_trains_deploys_and_asks_both_servers(machine: Machine) -> None:
    calls = [call for call in machine.run("up") if call != "docker info"]
    assert calls.index(TRAIN) < calls.index(UP[0]), "it trains beside minikube's start, then deploys"
    assert [call for call in calls if call != TRAIN] == ["minikube status", "minikube start", *UP]


def test_up_again_leaves_a_running_minikube_and_models_that_are_there_alone(machine: Machine) -> None:
    machine.run("up")
    (machine.project / "artifacts" / "manifest.json").touch()
    machine.has("minikube")
    calls = [call for call in machine.run("up") if call != "docker info"]
    assert calls == ["minikube status", *UP]


def test_down_deletes_minikube(machine: Machine) -> None:
    assert machine.run("down") == ["docker info", "minikube delete"]


def test_without_a_docker_that_works_the_embedded_default_is_used(machine: Machine) -> None:
    machine.has("docker", "exit 1\n")
    shutil.copy(machine.project / "bin" / "python", machine.project / ".venv" / "bin")
    assert machine.run("down") == ["docker info", "python -m embedded down"]
