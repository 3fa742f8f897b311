"""A photo's bytes to the tensor that every network sees: the contract that the TensorFlow graph repeats.

JPEG or PNG -> gray or colour -> side x side by bilinear interpolation -> turned upright -> /255.

* JPEG: the luma plane or the colours as libjpeg gives them (accurate integer DCT), decoded at the smallest of
  1/1, 1/2, 1/4 and 1/8 of its size that has `side` pixels on each side; no colour conversion of our own.
* PNG: palette and gray expanded to RGB, 16 bits cut to their high byte, alpha dropped (not blended),
  then, for gray, Rec. 601 luma in floating point.

Needs only NumPy and Pillow, which TorchServe's image has; keeps to Python 3.9 (see `contract`).
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from model_build.in_archive import contract, jpeg, kinds, orientation, png, resize

_DECODER_ERRORS = (ValueError, OSError, struct.error, zlib.error)


class ImageError(ValueError):
    """The bytes are not an image that the contract accepts; the message is what the client reads."""


def photo_tensor(data: bytes, sight: contract.Sight = contract.THESIS) -> NDArray[np.float32]:
    """Pixels in [0, 1], of the shape that `sight` tells.

    Raises ImageError for anything but a whole JPEG or PNG within the contract's limits.
    """
    kind = _kind(data)
    try:
        pixels = _of_png(data, sight) if kind == contract.PNG else _of_jpeg(data, sight)
    except ImageError:
        raise
    except _DECODER_ERRORS as error:
        raise ImageError(contract.text(contract.BROKEN, kind)) from error
    return pixels / np.float32(255.0)


def planes(photos: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, side, side[, 3]) to (N, channels, side, side), as PyTorch and ONNX see them."""
    return photos[:, np.newaxis] if photos.ndim == 3 else np.moveaxis(photos, -1, 1)


def _kind(data: bytes) -> str:
    if not data:
        raise ImageError(contract.EMPTY)
    if len(data) > contract.MAX_BYTES:
        raise ImageError(contract.text(contract.TOO_LARGE, len(data)))
    for kind, signature in contract.SIGNATURES.items():
        if data.startswith(signature):
            return kind
    raise ImageError(kinds.message(kinds.of(data)))


def _of_jpeg(data: bytes, sight: contract.Sight) -> NDArray[np.float32]:
    frame = jpeg.frame(data)
    if refusal := _cmyk(frame) or _too_many(frame.width * frame.height):
        jpeg.require_accepted(data, frame)
        raise ImageError(refusal)
    ratio = contract.ratio(frame.height, frame.width, sight.side)
    pixels = jpeg.pixels(data, frame, ratio, sight.channels)
    down = resize.axis(len(pixels), sight.side)
    return orientation.upright(resize.bilinear(pixels[down.both()], down), orientation.of_jpeg(data))


def _of_png(data: bytes, sight: contract.Sight) -> NDArray[np.float32]:
    if refusal := _too_many(png.pixels(data)):
        raise ImageError(refusal)
    down = resize.axis(png.height(data), sight.side)
    colours = resize.bilinear(png.lines(data, down.both()), down)
    pixels = colours if sight.channels == 3 else colours @ np.asarray(contract.LUMA, dtype=np.float32)
    return orientation.upright(pixels, orientation.of_png(data))


def _cmyk(frame: jpeg.Frame) -> str:
    return contract.CMYK if frame.components == 4 else ""


def _too_many(pixels: int) -> str:
    return contract.text(contract.TOO_MANY_PIXELS, pixels) if pixels > contract.MAX_PIXELS else ""
