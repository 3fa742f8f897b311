"""The output folder is replaced whole or not at all, by one run at a time, and only if it is ours."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model_build.errors import BuildError
from model_build.workspace import workspace
from stack.files import ROOT


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


WRITER = """
import os, sys, time
from pathlib import Path
from model_build.errors import BuildError
from model_build.workspace import workspace
try:
    with workspace(Path(sys.argv[1])) as folder:
        if sys.argv[2] == "fork" and os.fork() == 0:
            time.sleep(60)
        print("writes", os.getpid(), flush=True)
        if sys.argv[2] != "once":
            time.sleep(60)
except BuildError as error:
    print(error, flush=True)
"""


@contextmanager
def writer(out: Path, how: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A run in a process of its own, and what it says first."""
    words = [sys.executable, "-c", WRITER, str(out), how]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline()
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_two_runs_do_not_write_the_same_folder(tmp_path: Path) -> None:
    out = tmp_path / "artifacts"
    with workspace(out) as folder:
        with writer(out, "once") as (_, said):
            assert said.startswith("--out: another model_build is writing")
        (folder / "out" / "manifest.json").write_text("first")
    assert (out / "manifest.json").read_text() == "first"


def test_the_lock_goes_with_its_owner_even_if_a_child_of_it_lives_on(tmp_path: Path) -> None:
    with writer(tmp_path / "artifacts", "fork") as (first, said):
        assert said.startswith("writes")
        first.kill()
        first.wait()
        write(tmp_path / "artifacts", "second")
    assert [path.name for path in tmp_path.iterdir()] == ["artifacts"], "what the first left is gone too"


def test_a_run_killed_between_taking_the_old_away_and_putting_the_new_there_loses_nothing(
    tmp_path: Path,
) -> None:
    out, folder = tmp_path / "artifacts", tmp_path / ".artifacts.partial"
    write(out, "first")
    folder.mkdir()
    out.rename(folder / "old")
    with pytest.raises(ZeroDivisionError), workspace(out):
        assert (out / "manifest.json").read_text() == "first", "from the beginning of the next run"
        raise ZeroDivisionError
    assert (out / "manifest.json").read_text() == "first"


def test_what_is_made_can_be_read_by_all_whatever_the_umask(tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        with workspace(tmp_path / "artifacts") as folder:
            (folder / "out" / "tensorflow").mkdir()
            (folder / "out" / "tensorflow" / "saved_model.pb").touch()
    finally:
        os.umask(former)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "artifacts").rglob("*")}
    assert modes == {"tensorflow": 0o755, "saved_model.pb": 0o644}
    assert (tmp_path / "artifacts").stat().st_mode & 0o777 == 0o755
