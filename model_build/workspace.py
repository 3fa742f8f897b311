"""The output folder appears whole or not at all, and only one run at a time writes it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_build import manifest
from model_build.errors import BuildError


@contextmanager
def workspace(out: Path) -> Iterator[Path]:
    """A folder beside `out` to work in; its sub-folder `out` replaces `out` when the block ends well.

    Whatever ends the block, Ctrl-C included, the folder is removed and `out` is either old or new.
    Raises BuildError when `out` holds something else, or when another run is writing it.
    """
    _require_ours(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = out.parent / f".{out.name}.partial"
    with _only_one(out.parent / f".{out.name}.lock", out):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            (folder / "out").mkdir(parents=True)
            yield folder
            _swap(folder / "out", out, folder / "old")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _require_ours(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BuildError(f"--out: expected a folder, got the file {out}; name another")
    if out.is_dir() and any(out.iterdir()) and not (out / manifest.FILE).exists():
        raise BuildError(
            f"--out: expected an empty folder or one that model_build wrote, got {out} without "
            f"{manifest.FILE}; name another, or empty it"
        )


def _swap(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    new.rename(out)


@contextmanager
def _only_one(lock: Path, out: Path) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BuildError(
                f"--out: another model_build is writing {out}; wait for it or name another"
            ) from error
        try:
            yield
        finally:
            lock.unlink()
