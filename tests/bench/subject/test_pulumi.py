"""Stacks of an experiment, with a Pulumi that notes what it is told and writes its salt as the real one."""

from pathlib import Path

import pytest

from bench.subject import pulumi

CONTENT = "config:\n  emotion-serving:servers: [tensorflow]\n"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of Pulumi's commands; the stack `old` exists."""
    notes, program = tmp_path / "notes", tmp_path / "pulumi"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >>"{notes}"\n'
        f'case "$*" in *"stack ls"*) echo \'[{{"name": "organization/emotion-serving/old"}}]\';;\n'
        f'*) for file in "{tmp_path}"/Pulumi.*.yaml; do echo salt >>"$file"; done;; esac\n'
    )
    program.chmod(0o755)
    for name in ("old", "new"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text(CONTENT)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(pulumi, "ROOT", tmp_path)
    return notes


@pytest.mark.parametrize(("name", "made"), [("new", True), ("old", False)])
def test_a_stack_is_made_and_removed_only_if_it_was_not_there_and_its_file_stays(
    name: str, made: bool, told: Path
) -> None:
    with pulumi.initialised(name):
        pulumi.up(name)
        assert (told.parent / f"Pulumi.{name}.yaml").read_text() != CONTENT
    assert (told.parent / f"Pulumi.{name}.yaml").read_text() == CONTENT
    said = told.read_text()
    assert (f"stack init {name}" in said) == made
    assert ("stack rm" in said) == made
