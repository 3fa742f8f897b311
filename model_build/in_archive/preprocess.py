"""A photo's bytes to the tensor that both networks see: the contract that the TensorFlow graph repeats.

JPEG or PNG -> gray -> 100 x 100 by bilinear interpolation (half-pixel centres, no antialiasing) -> /255.

* JPEG: the luma plane as libjpeg gives it (accurate integer DCT); no colour conversion of our own.
* PNG: palette and gray expanded to RGB, 16 bits cut to their high byte, alpha dropped (not blended),
  then Rec. 601 luma in floating point.

Needs only NumPy and Pillow, which TorchServe's image has; keeps to Python 3.9 (see `contract`).
"""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_build.in_archive import contract

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# What Pillow raises on damaged files, besides its own UnidentifiedImageError (an OSError).
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, IndexError, struct.error, Image.DecompressionBombError)
_STANDALONE = frozenset(range(0xD0, 0xD9)) | {0x01}


class ImageError(ValueError):
    """The bytes are not an image that the contract accepts; the message is what the client reads."""


def photo_tensor(data: bytes) -> NDArray[np.float32]:
    """Pixels in [0, 1], shape (100, 100).

    Raises ImageError for anything but a whole JPEG or PNG within the contract's limits.
    """
    kind = check(data)
    pixels = _decode(data, kind)
    gray = resize_bilinear(pixels, contract.IMAGE_SIDE)
    if gray.ndim == 3:
        gray = gray @ np.asarray(contract.LUMA, dtype=np.float32)
    return gray / np.float32(255.0)


def check(data: bytes) -> str:
    """The image's kind, JPEG or PNG, from size, first bytes and header alone; nothing is decoded."""
    if not data:
        raise ImageError(contract.EMPTY)
    if len(data) > contract.MAX_BYTES:
        raise ImageError(contract.text(contract.TOO_LARGE, len(data)))
    kind = _kind(data)
    if kind not in (contract.JPEG, contract.PNG):
        raise ImageError(contract.text(contract.NOT_AN_IMAGE, kind))
    pixels = _png_pixels(data) if kind == contract.PNG else _jpeg_pixels(data)
    if pixels > contract.MAX_PIXELS:
        raise ImageError(contract.text(contract.TOO_MANY_PIXELS, pixels))
    return kind


def resize_bilinear(pixels: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """(height, width[, 3]) to (side, side[, 3]), touching only the pixels that count.

    Same formula as `tf.image.resize(method="bilinear")` and as
    `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`.
    """
    top, bottom, down = _neighbours(pixels.shape[0], side)
    left, right, across = _neighbours(pixels.shape[1], side)
    extra = (1,) * (pixels.ndim - 2)
    down, across = down.reshape(-1, 1, *extra), across.reshape(1, -1, *extra)

    def row(lines: NDArray[np.intp]) -> NDArray[np.float32]:
        first = pixels[np.ix_(lines, left)].astype(np.float32)
        second = pixels[np.ix_(lines, right)].astype(np.float32)
        blended: NDArray[np.float32] = first + (second - first) * across
        return blended

    upper, lower = row(top), row(bottom)
    result: NDArray[np.float32] = upper + (lower - upper) * down
    return result


def _neighbours(size: int, side: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    scale = np.float32(size) / np.float32(side)
    centre = (np.arange(side, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    below = np.floor(centre)
    lower = np.maximum(below, 0).astype(np.intp)
    upper = np.minimum(np.ceil(centre), size - 1).astype(np.intp)
    return lower, upper, centre - below


def _kind(data: bytes) -> str:
    for kind, signature in contract.SIGNATURES:
        if data.startswith(signature):
            return kind
    return contract.UNKNOWN


def _broken(kind: str) -> ImageError:
    return ImageError(contract.text(contract.BROKEN, kind))


def _png_pixels(data: bytes) -> int:
    if len(data) < 24 or data[12:16] != b"IHDR":
        raise _broken(contract.PNG)
    width, height = struct.unpack(">II", data[16:24])
    return int(width) * int(height)


def _require_whole_png(data: bytes) -> None:
    """Every chunk up to IEND is there and every critical one has its checksum; Pillow alone does not look."""
    position, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", data[position : position + 8])
        content = data[position + 4 : position + 8 + length]
        position += 12 + length
        critical = not name[0] & 0x20
        if critical and zlib.crc32(content).to_bytes(4, "big") != data[position - 4 : position]:
            raise ValueError("checksum")


def _jpeg_pixels(data: bytes) -> int:
    """Width x height from the first start-of-frame segment, found by walking the segments."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _START_OF_FRAME and position + 10 <= len(data):
            height, width, components = struct.unpack(">HHB", data[position + 5 : position + 10])
            if components == 4:
                raise ImageError(contract.CMYK)
            return int(width) * int(height)
        else:
            position += 2 + int(struct.unpack(">H", data[position + 2 : position + 4])[0])
    raise _broken(contract.JPEG)


def _decode(data: bytes, kind: str) -> NDArray[np.uint8]:
    """(height, width) of a JPEG's luma, or (height, width, 3) of a PNG's colours."""
    try:
        if kind == contract.PNG:
            _require_whole_png(data)
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if kind == contract.JPEG:
                image.draft("L", image.size)
                image.load()
                return np.asarray(image)
            return _rgb(image)
    except _DECODER_ERRORS as error:
        raise _broken(kind) from error


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I"):
        high = (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
        return np.repeat(high[:, :, np.newaxis], 3, axis=2)
    if image.mode in ("RGBA", "LA"):
        colours = np.asarray(image)[:, :, :-1]
        return colours if colours.shape[2] == 3 else np.repeat(colours, 3, axis=2)
    image.info.pop("transparency", None)
    return np.asarray(image.convert("RGB"))
