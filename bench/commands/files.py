"""What commands write for people, beside the stored results."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import yaml

from bench.errors import WriteError
from stack import settings
from stack.files import NAMESPACE

WIDTH = 110


def write(file: Path, content: bytes, option: str = "--out") -> None:
    """Write one file, which an option named, and the folders above it. Raises WriteError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise WriteError(
            f"{option}: expected a folder to write to, got {file.parent}: {error.strerror}; choose another"
        ) from error


def stack_text(own: Mapping[str, object], said: str) -> str:
    """A stack file of settings by key, below a comment. Raises SettingsError for what a stack refuses."""
    settings.read(own)
    named = {f"{NAMESPACE}{key}": value for key, value in own.items()}
    body = yaml.safe_dump({"config": named}, sort_keys=False, allow_unicode=True, width=WIDTH)
    return "".join(f"# {line}\n" for line in textwrap.wrap(said, WIDTH - 2)) + body
