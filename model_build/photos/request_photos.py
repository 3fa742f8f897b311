"""Photos of the test split, kept beside the exports for requests and load tests."""

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from model_build.in_archive.contract import MAX_BYTES
from model_build.photos.batches import Indices
from model_build.photos.dataset import Photo

MOST, PER_CLASS = 100, 10
"""Photos in all, where there is one of each class, and of one class."""
_PNG_EVERY = 5


def keep(classes: Sequence[str], photos: Sequence[Photo], test: Indices, folder: Path) -> None:
    """Copy some photos of each class as <class>-NN; every fifth is made a PNG."""
    folder.mkdir(parents=True)
    candidates = defaultdict[str, list[Path]](list)
    for row in test:
        candidates[photos[int(row)].label].append(photos[int(row)].path)
    for label in classes:
        for number, path in enumerate(candidates[label][: of_each(len(classes))]):
            data = path.read_bytes()
            if number % _PNG_EVERY == _PNG_EVERY - 1:
                data = _as_png(data)
            suffix = "png" if data.startswith(b"\x89PNG") else "jpg"
            (folder / f"{label}-{number:02d}.{suffix}").write_bytes(data)


def of_each(classes: int) -> int:
    """How many photos of each class are kept: every one is asked once before a load."""
    return min(PER_CLASS, max(1, MOST // classes))


def _as_png(data: bytes) -> bytes:
    """The same photo as PNG, or as it was where that would be too large for a request."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue() if buffer.tell() <= MAX_BYTES else data
