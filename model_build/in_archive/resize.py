"""Bilinear interpolation with half-pixel centres and no antialiasing.

Same formula as `tf.image.resize(method="bilinear")` and as
`torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Axis(NamedTuple):
    """For each of `side` places the two old ones that it lies between, and its share of the second."""

    lower: NDArray[np.intp]
    upper: NDArray[np.intp]
    share: NDArray[np.float32]

    def both(self) -> NDArray[np.intp]:
        """(2 * side,) old places: all the lower ones, then all the upper ones."""
        return np.concatenate([self.lower, self.upper])


def axis(size: int, side: int) -> Axis:
    """`size` old places and `side` new ones over the same length."""
    scale = np.float32(size) / np.float32(side)
    centre = (np.arange(side, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    below = np.floor(centre)
    lower = np.maximum(below, 0).astype(np.intp)
    upper = np.minimum(np.ceil(centre), size - 1).astype(np.intp)
    return Axis(lower, upper, centre - below)


def bilinear(lines: NDArray[np.uint8], down: Axis) -> NDArray[np.float32]:
    """(2 * side, width[, 3]), the lines `down.both()` of an image, to (side, side[, 3]).

    Colours lie side by side in a line: NumPy is slow where the innermost of many loops is of three.
    """
    side, width = len(down.share), lines.shape[1]
    flat = lines.reshape(len(lines), -1)
    channels = flat.shape[1] // width
    across = axis(width, side)
    first, second = (
        flat.take(_each_channel(places, channels), axis=1).astype(np.float32)
        for places in (across.lower, across.upper)
    )
    blended = first + (second - first) * np.repeat(across.share, channels)
    upper, lower = blended[:side], blended[side:]
    result: NDArray[np.float32] = upper + (lower - upper) * down.share[:, np.newaxis]
    return result.reshape(side, side, *lines.shape[2:])


def _each_channel(places: NDArray[np.intp], channels: int) -> NDArray[np.intp]:
    """Places of pixels in a line to those of their channels."""
    return (channels * places[:, np.newaxis] + np.arange(channels)).ravel()
