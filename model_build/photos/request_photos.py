"""Photos of the test split, kept beside the exports for requests and load tests."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from model_build.in_archive.contract import CLASSES, MAX_BYTES
from model_build.photos.batches import Indices
from model_build.photos.dataset import Photo

PER_CLASS = 10
_PNG_EVERY = 5


def keep(photos: Sequence[Photo], test: Indices, folder: Path) -> None:
    """Copy up to ten photos of each class as <class>-NN; every fifth is made a PNG."""
    folder.mkdir(parents=True)
    for label in CLASSES:
        candidates = [photos[int(row)].path for row in test if photos[int(row)].label == label]
        for number, path in enumerate(candidates[:PER_CLASS]):
            data = path.read_bytes()
            if number % _PNG_EVERY == _PNG_EVERY - 1:
                data = _as_png(data)
            suffix = "png" if data.startswith(b"\x89PNG") else "jpg"
            (folder / f"{label}-{number:02d}.{suffix}").write_bytes(data)


def _as_png(data: bytes) -> bytes:
    """The same photo as PNG, or as it was where that would be too large for a request."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue() if buffer.tell() <= MAX_BYTES else data
