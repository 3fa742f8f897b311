"""What commands write for people, beside the stored results."""

from pathlib import Path

from bench.errors import WriteError


def write(file: Path, content: bytes, option: str = "--out") -> None:
    """Write one file, which `option` names, and the folders above it. Raises WriteError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise WriteError(
            f"{option}: expected a folder to write to, got {file.parent}: {error.strerror}; choose another"
        ) from error
