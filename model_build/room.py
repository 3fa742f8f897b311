"""Room on the disk: asked for before it is used, and what to say when something else took it."""

import errno
import shutil
from pathlib import Path

from base.files import shown
from model_build.errors import BuildError

FIXED = 200_000_000
"""Exports, their drafts and what a proof unpacks."""
EXIT_CODE = errno.ENOSPC
"""Of a step that found no room."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_WORDS = ("No space left on device", "Disk quota exceeded")


def require(folder: Path, size: int) -> None:
    """Raises BuildError when the disk of `folder` has less than `size` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise BuildError(
            f"--out: expected {size / 1e6:.0f} MB free on the disk of {shown(folder)}, got {free / 1e6:.0f}; "
            "free some or name another folder"
        )


def ran_out(error: Exception) -> bool:
    """Whether an error says that the disk is full; frameworks have errors of their own for that."""
    full = isinstance(error, OSError) and error.errno in _FULL
    return full or any(words in str(error) for words in _WORDS)


def used_up() -> BuildError:
    """What to say of a full disk."""
    return BuildError("--out: expected room on its disk, got none left; free some or name another folder")


def explained(error: OSError) -> BuildError:
    """An error of the system in one line."""
    if ran_out(error):
        return used_up()
    where = shown(error.filename or "output")
    return BuildError(f"{where}: expected to read and write it, got {error.strerror or error}; see to it")
