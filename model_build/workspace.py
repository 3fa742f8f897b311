"""The output folder appears whole or not at all, and only one run at a time writes it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from base.files import shown
from model_build import manifest
from model_build.errors import BuildError

FOLDER_MODE, FILE_MODE = 0o755, 0o644


@contextmanager
def workspace(out: Path) -> Iterator[Path]:
    """A folder beside `out` to work in; its sub-folder `out` replaces `out` when the block ends well.

    Whatever ends the block, the folder is removed and `out` is either old or new; what a killed run left is
    put right by the next. Raises BuildError when `out` holds something else, or another run is writing it.
    """
    _require_ours(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = out.parent / f".{out.name}.partial"
    with _only_one(out.parent / f".{out.name}.lock", out):
        _tidy(folder, out)
        try:
            (folder / "out").mkdir(parents=True)
            yield folder
            _open_to_all(folder / "out")
            _swap(folder / "out", out, folder / "old")
        finally:
            _tidy(folder, out)


def _require_ours(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BuildError(f"--out: expected a folder, got the file {shown(out)}; name another")
    if out.is_dir() and any(out.iterdir()) and not (out / manifest.FILE).exists():
        raise BuildError(
            f"--out: expected an empty folder or one that model_build wrote, got {shown(out)} without "
            f"{manifest.FILE}; name another, or empty it"
        )


def _open_to_all(folder: Path) -> None:
    """Servers in containers are other users than who trains: no umask may keep the files from them."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def _swap(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    new.rename(out)


def _tidy(folder: Path, out: Path) -> None:
    """Put back an `out` that was taken away for a new one which never came, and remove the rest."""
    if not out.exists():
        with suppress(FileNotFoundError):
            (folder / "old").rename(out)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_one(lock: Path, out: Path) -> Iterator[None]:
    """Hold the lock. It is this process's own: no worker inherits it, and it goes with its owner."""
    with lock.open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                raise BlockingIOError  # its owner has ended meanwhile, and another has begun
        except (BlockingIOError, PermissionError, FileNotFoundError) as error:
            raise BuildError(
                f"--out: another model_build is writing {shown(out)}; wait for it or name another"
            ) from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
