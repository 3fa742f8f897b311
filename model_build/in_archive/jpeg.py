"""A JPEG's bytes to its luma or colours, with libjpeg's own verdict: what surrounds them decides nothing.

Pillow's decoder is called on the bytes themselves: Pillow's file reader parses metadata and stumbles over it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Start of frame: baseline, extended, progressive. Lossless and arithmetic ones not every libjpeg decodes.
_DECODED = frozenset((0xC0, 0xC1, 0xC2))
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
_MOST_SIDE = 65500
"""libjpeg's JPEG_MAX_DIMENSION."""
_START_OF_SCAN, _END_OF_IMAGE, _START_OF_IMAGE = 0xDA, 0xD9, 0xD8
_WAITS = "not enough image data"
"""Pillow's words; it has others for what libjpeg refuses."""
STOP = b"\xff\x02" * (2**15 + 8)
"""Put behind a file: markers that no decoder knows, longer than a segment, which could swallow them.

A file that ends too early is refused there, wherever it ends. Without them each program that calls libjpeg
has its own way to end, and would be content with other halves of a file.
"""


class Frame(NamedTuple):
    """A JPEG's size in pixels, and its number of colour components.

    `size_at` is where the size stands in the file, `end` where the header ends: with its first scan's.
    """

    height: int
    width: int
    components: int
    size_at: int
    end: int


def frame(data: bytes) -> Frame:
    """From the segments before the first scan, found as libjpeg finds them. Raises ValueError."""
    found, position = None, 2
    while True:
        position = _marker(data, position)
        marker = data[position]
        position += 1
        if marker in _STANDALONE:
            continue
        if marker in (_END_OF_IMAGE, _START_OF_IMAGE):
            raise ValueError("no scan")
        if marker in _START_OF_FRAME:
            found = _frame(data, position, marker)
        position += max(int.from_bytes(data[position : position + 2], "big"), 2)
        if marker == _START_OF_SCAN:
            break
    if found is None:
        raise ValueError("no frame")
    return found._replace(end=position)


def require_accepted(data: bytes, size: Frame) -> None:
    """That libjpeg takes the header, whatever follows it: given one of one pixel, it must wait for the rest.

    For photos that are not decoded; `pixels` judges the header as well. Raises ValueError.
    """
    mode = "CMYK" if size.components == 4 else "L"
    header = data[: size.end] + STOP[: max(0, size.end - len(data))]
    of_one_pixel = header[: size.size_at] + b"\0\1\0\1" + header[size.size_at + 4 :]
    try:
        Image.frombytes(mode, (1, 1), of_one_pixel, "jpeg", (mode, "", 1, 0))
    except ValueError as error:
        if str(error) != _WAITS:
            raise


def _marker(data: bytes, position: int) -> int:
    """Where the code of the next marker stands; what comes before it is skipped, fill bytes too."""
    while True:
        position = data.index(0xFF, position)
        while data[position : position + 1] == b"\xff":
            position += 1
        if position >= len(data):
            raise ValueError("no marker")
        if data[position]:
            return position


def _frame(data: bytes, position: int, marker: int) -> Frame:
    if marker not in _DECODED or len(data) < position + 8:
        raise ValueError("no frame that is decoded")
    height, width = (int.from_bytes(data[at : at + 2], "big") for at in (position + 3, position + 5))
    if not 0 < min(height, width) <= max(height, width) <= _MOST_SIDE:
        raise ValueError("no size that is decoded")
    return Frame(height, width, data[position + 7], position + 3, position)


def pixels(data: bytes, size: Frame, ratio: int, channels: int) -> NDArray[np.uint8]:
    """(ceil(height / ratio), ceil(width / ratio)) luma, or (…, 3) colours; decoded at 1/ratio: 1, 2, 4 or 8.

    Raises ValueError for anything that libjpeg refuses.
    """
    shape = (-(-size.width // ratio), -(-size.height // ratio))
    mode = "L" if channels == 1 else "RGB"
    # Arguments of Pillow's decoder: wanted colours, the file's own, scale, draft quality.
    return np.asarray(Image.frombytes(mode, shape, data + STOP, "jpeg", (mode, "", ratio, 0)))
