"""A machine of our own: an empty cache and a PATH that holds only what a test puts there."""

from collections.abc import Callable
from pathlib import Path

import pytest

Script = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """An empty cache; tests of the real toolchain keep the user's."""
    if request.node.get_closest_marker("cluster"):
        return None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "emotion-serving"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Puts a program that runs a shell command on PATH, before everything else."""
    folder = tmp_path / "on-path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def put(name: str, command: str) -> Path:
        program = folder / name
        program.write_text(f"#!/bin/sh\n{command}\n")
        program.chmod(0o755)
        return program

    return put
