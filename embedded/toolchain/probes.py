"""Which version a program prints, remembered until the program's file changes."""

import json
from collections.abc import Sequence
from pathlib import Path

from embedded.machine import paths
from embedded.machine.versions import Version, find
from embedded.toolchain.command import output_of


def printed_version(argv: Sequence[str], program: Path) -> Version | None:
    """The version that `program` prints when called with `argv`'s arguments; None if it prints none."""
    key = _key(argv, program)
    remembered = _read()
    if key not in remembered:
        text = output_of((str(program), *argv[1:]))
        if find(text) is None:
            return None
        remembered[key] = str(find(text))
        _write(remembered)
    return find(remembered[key])


def _key(argv: Sequence[str], program: Path) -> str:
    real = program.resolve()
    status = real.stat()
    return f"{real} {' '.join(argv[1:])} {status.st_size} {status.st_mtime_ns}"


def _file() -> Path:
    return paths.cache() / "probes.json"


def _read() -> dict[str, str]:
    try:
        content = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in content.items()} if isinstance(content, dict) else {}


def _write(remembered: dict[str, str]) -> None:
    _file().parent.mkdir(parents=True, exist_ok=True)
    temporary = _file().with_suffix(".new")
    temporary.write_text(json.dumps(remembered, indent=1))
    temporary.replace(_file())
