"""The requests that an adopted model is proven and later loaded with: one file each, by server."""

import base64
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base import files
from model_build.errors import BuildError

IMAGE = "$IMAGE"
"""In a template: an image's base64."""
MOST, MOST_BYTES = 100, 32 * 2**20
"""Requests of a server, each of which is asked before every load, and bytes of one."""
JSON, BYTES = "application/json", "application/octet-stream"


@dataclass(frozen=True)
class Request:
    """One body; its file's name tells it from others."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Requests:
    """All of one server, which have one type."""

    content_type: str
    each: tuple[Request, ...]


def read(folder: Path, server: str, template: Path | None) -> Requests:
    """The files of `folder`/`server`, or of `folder` where there is no such one. Raises BuildError."""
    place = folder / server if (folder / server).is_dir() else folder
    paths = sorted(path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))
    if not 1 <= len(paths) <= MOST:
        raise BuildError(
            f"--requests: expected 1 to {MOST} files in {files.shown(place)}, one a request, got {len(paths)}"
        )
    bodies = tuple(Request(_name(path, template), _read("--requests", path)) for path in paths)
    if template:
        text = _template(template)
        return Requests(JSON, tuple(Request(each.name, _filled(text, each.body)) for each in bodies))
    return Requests(_the_type(paths), bodies)


def _the_type(paths: Sequence[Path]) -> str:
    types = {mimetypes.guess_type(path.name)[0] or BYTES for path in paths}
    if len(types) > 1:
        raise BuildError(
            f"--requests: expected files of one type, got {', '.join(sorted(types))} in "
            f"{files.shown(paths[0].parent)}; a server's requests have one Content-Type: move the others away"
        )
    return types.pop()


def _name(path: Path, template: Path | None) -> str:
    return f"{path.name}.json" if template else path.name


def _template(path: Path) -> str:
    text = _read("--template", path).decode(errors="replace")
    if IMAGE not in text:
        raise BuildError(
            f"--template: expected {IMAGE} where an image's base64 belongs, got none in {files.shown(path)}"
        )
    return text


def _filled(template: str, image: bytes) -> bytes:
    return template.replace(IMAGE, base64.b64encode(image).decode()).encode()


def _read(option: str, path: Path) -> bytes:
    try:
        return files.read(path, MOST_BYTES)
    except (files.UnfitFileError, OSError) as error:
        raise BuildError(f"{option}: expected a file, got {files.shown(path)}: {error}") from error
