"""The output folder is replaced whole or not at all, by one run at a time, and only if it is ours."""

from pathlib import Path

import pytest

from model_build.errors import BuildError
from model_build.workspace import workspace


def write(out: Path, name: str) -> None:
    """A run that leaves a manifest of one word."""
    with workspace(out) as folder:
        (folder / "out" / "manifest.json").write_text(name)


def test_a_run_that_ends_well_replaces_the_folder(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / "artifacts", name)
        assert (tmp_path / "artifacts" / "manifest.json").read_text() == name
    assert [path.name for path in tmp_path.iterdir()] == ["artifacts"], "no litter"


def test_a_run_that_fails_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "artifacts", "first")
    with pytest.raises(KeyboardInterrupt), workspace(tmp_path / "artifacts") as folder:
        (folder / "out" / "manifest.json").write_text("half")
        raise KeyboardInterrupt
    assert (tmp_path / "artifacts" / "manifest.json").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["artifacts"], "no litter"


def test_a_foreign_output_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(BuildError, match="--out: expected an empty folder or one that model_build wrote"):
        write(tmp_path, "ours")
    with pytest.raises(BuildError, match="--out: expected a folder, got the file"):
        write(tmp_path / "thesis.txt", "ours")
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_two_runs_do_not_write_the_same_folder(tmp_path: Path) -> None:
    out = tmp_path / "artifacts"
    with workspace(out) as folder:
        with pytest.raises(BuildError, match="another model_build is writing"):
            write(out, "second")
        (folder / "out" / "manifest.json").write_text("first")
    assert (out / "manifest.json").read_text() == "first"
