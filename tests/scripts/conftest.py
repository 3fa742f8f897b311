"""A copy of what make runs, and programs on PATH that only write down how they are called."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RECORD = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
printf '%s\\0' "$@" >"$WORDS"
"""


@dataclass(frozen=True)
class Machine:
    """A checkout without its code; no program but those put there has any effect."""

    project: Path

    def has(self, program: str, behaviour: str = "") -> None:
        file = self.project / "bin" / program
        file.write_text(RECORD + behaviour)
        file.chmod(0o755)

    def tried(self, *command: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
        """A command in the checkout."""
        (self.project / "calls").write_text("")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
            "PATH": f"{self.project / 'bin'}:{os.environ['PATH']}",
            "CALLS": str(self.project / "calls"),
            "WORDS": str(self.project / "words"),
            "XDG_STATE_HOME": str(self.project / "state"),
            **variables,
        }
        return subprocess.run(
            command,
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def calls(self) -> list[str]:
        """How programs were called, in order; `python -c` left out."""
        lines = (self.project / "calls").read_text().splitlines()
        return [line for line in lines if not line.startswith("python -c")]

    def run(self, script: str) -> list[str]:
        """The calls that a script makes, which ends well."""
        done = self.tried(f"scripts/{script}")
        assert done.returncode == 0, done.stdout + done.stderr
        return self.calls()

    def words(self) -> Sequence[bytes]:
        """The arguments of the last call, byte by byte."""
        return (self.project / "words").read_bytes().split(b"\0")[:-1]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """The locked packages are there already."""
    project = tmp_path / "a checkout"
    for folder in ("scripts", "base"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("bin", ".venv/bin"):
        (project / folder).mkdir(parents=True)
    (project / ".venv" / "bin" / "activate").touch()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, project)
    locked = b"".join((project / name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))
    (project / ".venv" / "locked").write_text(f"{hashlib.sha256(locked).hexdigest()} {project / '.venv'}")
    bare = Machine(project)
    bare.has("python")
    (project / ".venv" / "bin" / "python").symlink_to(project / "bin" / "python")
    return bare
