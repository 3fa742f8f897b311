"""What a user names as a file: read within bounds or refused at once, and shown on one line."""

import os
import socket
import threading
from pathlib import Path

import pytest

from base.files import UnfitFileError, read, shown


def refusal(path: Path) -> str:
    """The refusal, which no waiting for another end precedes."""
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(UnfitFileError) as caught:
            read(path, 100)
        said.append(str(caught.value))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    assert said, "it waits"
    return said[0]


def test_a_file_within_the_bound_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read(tmp_path / "a", 100) == b"x" * 100
    (tmp_path / "link").symlink_to("a")
    assert read(tmp_path / "link", 100) == b"x" * 100


def test_what_is_no_file_is_refused_at_once_by_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        kinds = {name: refusal(tmp_path / name) for name in ("pipe", "socket", ".", "none")}
    assert kinds == {
        "pipe": "a named pipe",
        "socket": "a socket",
        ".": "a folder",
        "none": "No such file or directory",
    }
    assert refusal(Path("/dev/zero")) == "a device"


def test_a_large_file_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(10**12)
    assert refusal(tmp_path / "large") == "1000000000000 bytes (at most 100)"


def test_a_name_too_long_or_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert refusal(tmp_path / ("x" * 300)) == "File name too long"
    assert refusal(tmp_path / "a" / "b") == "Not a directory"


def test_any_name_is_shown_on_one_line_and_can_be_printed() -> None:
    name = os.fsdecode(b"M\xc3\xbcller\xff\n\x1b[31m")
    assert shown(name) == "Müller\\xff\\n\\x1b[31m"
    shown(name).encode()
