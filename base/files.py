"""Files as users have them: read within bounds, named on one line."""

import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnfitFileError(Exception):
    """What there is instead of a file to read, such as `a folder` or `300000000 bytes (at most 1048576)`."""


def read(path: Path, most: int) -> bytes:
    """The bytes of a file. Raises UnfitFileError for what is none, is too large, or cannot be read.

    Nothing is waited for: neither a pipe's other end nor a device that never ends.
    """
    try:
        _require(path.stat(), most)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            _require(os.fstat(file.fileno()), most)
            return file.read(most)
    except OSError as error:
        raise UnfitFileError(error.strerror or str(error)) from error


def kind(mode: int) -> str:
    """What a file's mode says it is, in words; empty for a regular file."""
    return "" if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")


def shown(path: Path | str) -> str:
    """A name on one line, whatever is in it: what cannot be printed is written as its code."""
    return "".join(sign if sign.isprintable() else _code(sign) for sign in str(path))


def _require(status: os.stat_result, most: int) -> None:
    if unfit := kind(status.st_mode):
        raise UnfitFileError(unfit)
    if status.st_size > most:
        raise UnfitFileError(f"{status.st_size} bytes (at most {most})")


def _code(sign: str) -> str:
    """`\\n`, `\\u2028`; a byte that is not UTF-8 (Python keeps it as a surrogate) as `\\xfc`."""
    byte = ord(sign) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else ascii(sign)[1:-1]
