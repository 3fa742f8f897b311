"""Reads the ascii protobuf files that flags name."""

from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from .errors import StartError

M = TypeVar("M", bound=Message)


def read(flag: str, path: str, message: M) -> M:
    """Fill `message` from the file that `flag` names.

    Raises StartError naming flag, file, line and column.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"--{flag}: expected a readable text file, got {path}: {error}") from error
    try:
        return text_format.Parse(text, message)
    except text_format.ParseError as error:
        kind = message.DESCRIPTOR.name
        raise StartError(
            f"--{flag}: Invalid protobuf file: '{path}' is not an ascii {kind}: line {error}"
        ) from error
