"""Files that are either whole or absent, and private when they hold a key."""

import os
from pathlib import Path

PRIVATE = 0o600


def write_atomically(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Replace `path` in one step: a reader, or a start after a crash, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def write_if_changed(path: Path, content: str) -> None:
    if not path.exists() or path.read_text() != content:
        write_atomically(path, content.encode())
