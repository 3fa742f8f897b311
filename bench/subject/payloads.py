"""The photos that a load asks about: drawn with a seed, JPEG and PNG."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from base import files
from bench.errors import OptionError
from bench.records.run import Sizes
from stack.files import ROOT
from stack.outputs import Endpoint
from stack.servers.server import MOST_BODY, MOST_PHOTO

COUNT = 50  # as in the thesis
ARTIFACTS = ROOT / "artifacts"
FOLDER = ARTIFACTS / "photos"
REQUESTS = ARTIFACTS / "requests"
ANSWERS = ARTIFACTS / "answers"
AGAIN = "adopt the model again: python -m model_build adopt --help"
FORMATS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}


@dataclass(frozen=True)
class Photo:
    """One photo; `content` is the file's bytes, `kind` is JPEG or PNG; of other bodies their type."""

    name: str
    kind: str
    content: bytes


def choose(folder: Path, seed: int, count: int = COUNT) -> tuple[Photo, ...]:
    """At most `count` photos, drawn from all JPEG and PNG files below a folder. Raises OptionError.

    None where artifacts/ hold an adopted model, which has requests of its own.
    """
    known = sorted(path for path in folder.rglob("*") if path.is_file() and kind(path))
    if not known and folder == FOLDER and REQUESTS.is_dir():
        return ()
    if not known:
        raise OptionError(
            f"--photos: expected a folder with JPEG or PNG files, got {files.shown(folder)}; run: make up"
        )
    drawn = random.Random(seed).sample(known, min(count, len(known)))
    return tuple(_photo(folder, path) for path in drawn)


def requests(endpoint: Endpoint) -> tuple[Photo, ...]:
    """All requests that the endpoint's adopted model was proven with. Raises OptionError."""
    folder = REQUESTS / endpoint.server
    found = sorted(folder.glob("*"))
    if not found:
        raise _lacking("requests", endpoint, folder, "none")
    return tuple(Photo(path.name, endpoint.model.content_type, files.read(path, MOST_BODY)) for path in found)


def usual(endpoint: Endpoint, artifacts: Path = ARTIFACTS) -> Path:
    """Asked where none was named: a drawn face; an adopted model's first request. Raises OptionError."""
    folder = artifacts / (f"requests/{endpoint.server}" if endpoint.model.adopted else "photos")
    found = next(iter(sorted(folder.glob("*"))), None)
    if found is None:
        raise OptionError(f"expected a photo, got none, and none is in {files.shown(folder)}; name one")
    return found


def chosen(
    endpoints: Iterable[Endpoint], named: Path | None, usual: Callable[[Endpoint], Path] = usual
) -> dict[str, Path]:
    """What each server is asked: the file that was named, else what is usual for it. Raises OptionError."""
    return {each.server: named or usual(each) for each in endpoints}


def expected(endpoint: Endpoint, photos: Sequence[Photo]) -> tuple[object, ...]:
    """The JSON that the model was proven to answer to each request. Raises OptionError."""
    folder = ANSWERS / endpoint.server
    try:
        return tuple(json.loads((folder / f"{photo.name}.json").read_text()) for photo in photos)
    except (OSError, ValueError) as error:
        raise _lacking("answers", endpoint, folder, str(error)) from error


def _lacking(what: str, endpoint: Endpoint, folder: Path, got: str) -> OptionError:
    expected = f"expected {what} of {endpoint.model.name} in {files.shown(folder)}"
    return OptionError(f"artifacts: {expected}, got {got}; {AGAIN}")


def _photo(folder: Path, path: Path) -> Photo:
    name = files.shown(path.relative_to(folder))
    try:
        return Photo(name, kind(path) or "", files.read(path, MOST_PHOTO))
    except files.UnfitFileError as error:
        raise OptionError(f"--photos: expected photos, got {name}: {error}; remove it") from error


def kind(path: Path) -> str | None:
    """JPEG or PNG by the file's first bytes, None for anything else."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError:
        return None
    return next((name for magic, name in FORMATS.items() if start.startswith(magic)), None)


def sizes(photos: Sequence[Photo], bodies: Sequence[bytes]) -> Sizes:
    """Formats of the photos and sizes of their bodies, which are of the same order."""
    lengths = [len(each) for each in bodies]
    kinds, known = [photo.kind for photo in photos], [*FORMATS.values()]
    names = known if set(kinds) <= set(known) else sorted(set(kinds))
    formats = {name: kinds.count(name) for name in names}
    return Sizes(formats, min(lengths), round(sum(lengths) / len(lengths), 1), max(lengths))
