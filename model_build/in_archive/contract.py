"""What every server promises about a request.

This room travels inside the TorchServe archive, so it keeps to Python 3.9.
"""

from __future__ import annotations

from typing import NamedTuple

MODEL_NAME = "emotions"
MODEL_VERSION = 1


class Sight(NamedTuple):
    """What a network sees of a photo: side x side pixels, gray (1 channel) or red, green, blue (3)."""

    side: int
    channels: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one photo's pixels, each in [0, 1]: (side, side) or (side, side, 3)."""
        return (self.side, self.side) if self.channels == 1 else (self.side, self.side, self.channels)


THESIS = Sight(side=100, channels=1)

MAX_BYTES = 10 * 2**20
MAX_PIXELS = 50_000_000
RATIOS = (8, 4, 2)
"""A JPEG is decoded at 1/ratio of its size where that still has the pixels that a network sees."""
LUMA = (0.299, 0.587, 0.114)
"""Rec. 601 weights of red, green and blue: the ones JPEG itself uses."""

JPEG, PNG = "JPEG", "PNG"
SIGNATURES = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
"""First bytes of what is accepted; `kinds` names what else comes."""

EMPTY = "the image is empty (0 bytes)"
BAD_WEB_SAFE_BASE64 = "the image is not web-safe base64"
CMYK = "CMYK JPEG images are not supported; convert the image to RGB or gray"

# The graph of TensorFlow Serving joins these same pieces, so that both servers say the same words.
TOO_LARGE = ("the image has ", f" bytes; the limit is {MAX_BYTES}")
TOO_MANY_PIXELS = ("the image has ", f" pixels; the limit is {MAX_PIXELS}")
BROKEN = ("the ", " image is truncated or corrupt")


def text(pieces: tuple[str, str], value: object) -> str:
    """One of the messages above with its value put in."""
    return f"{pieces[0]}{value}{pieces[1]}"


def ratio(height: int, width: int, side: int) -> int:
    """The largest of RATIOS that leaves `side` pixels of a JPEG, else 1."""
    return next((each for each in RATIOS if min(height, width) >= each * side), 1)
