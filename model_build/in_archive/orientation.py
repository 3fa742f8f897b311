"""How a photo is held: the orientation of EXIF, in a JPEG's APP1 segment or a PNG's eXIf chunk.

The graph of TensorFlow Serving repeats every rule here, so that both servers turn the same photos.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

UPRIGHT = 1
TAG = 0x0112
TYPES = (3, 4)
"""SHORT, as EXIF demands, and LONG, as some writers put it."""
MOST_SEGMENTS = 64
"""Segments of a JPEG that are looked at, before the first that is neither APPn nor a comment."""
MARK = b"Exif\x00\x00"
LITTLE, BIG = b"II*\x00", b"MM\x00*"
CHUNK = b"eXIf"
MOST_BYTES = 2**16
"""Of the EXIF data that are looked at."""

Pixel = TypeVar("Pixel", bound=np.generic)


def of_jpeg(data: bytes) -> int:
    """1 to 8; 1, upright, where the segments at the file's start do not say."""
    position = 2
    for _ in range(MOST_SEGMENTS):
        head = data[position : position + 4]
        if len(head) < 4 or head[0] != 0xFF or not (0xE0 <= head[1] <= 0xEF or head[1] == 0xFE):
            return UPRIGHT
        end = position + 2 + int.from_bytes(head[2:], "big")
        if head[1] == 0xE1 and data[position + 4 : position + 4 + len(MARK)] == MARK:
            return of_tiff(data[position + 4 + len(MARK) : end])
        position = end
    return UPRIGHT


def of_png(data: bytes) -> int:
    """1 to 8; 1 where there is no eXIf chunk. Its checksum is not looked at: no pixel depends on it."""
    before, _, behind = data.partition(CHUNK)
    length = min(int.from_bytes(before[-4:], "big"), MOST_BYTES)
    return of_tiff(behind[:length])


def of_tiff(tiff: bytes) -> int:
    """The first entry with the tag in the first directory of EXIF data; 1 for anything irregular."""
    if not tiff.startswith((LITTLE, BIG)):
        return UPRIGHT
    order = "little" if tiff.startswith(LITTLE) else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)  # type: ignore[arg-type]

    start = number(4, 4) + 2
    entries = min(number(start - 2, 2), max(len(tiff) - start, 0) // 12)
    for entry in range(start, start + 12 * entries, 12):
        if number(entry, 2) == TAG and number(entry + 2, 2) in TYPES:
            value = number(entry + 8, 2 if number(entry + 2, 2) == TYPES[0] else 4)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def upright(pixels: NDArray[Pixel], orientation: int) -> NDArray[Pixel]:
    """(side, side[, 3]) pixels turned as the photo is to be seen: EXIF 2.32, table 6."""
    turned = pixels.swapaxes(0, 1) if orientation >= 5 else pixels
    turned = turned[::-1] if orientation in (3, 4, 7, 8) else turned
    return turned[:, ::-1] if orientation in (2, 3, 6, 7) else turned
