"""A PNG's bytes to its colours, with libpng's own verdict: only what the pixels need can be wrong.

Chunks are walked and compressed data are read as libpng 1.6 does it (pngread.c, pngrutil.c), because Pillow's
file reader refuses what libpng only warns of, and takes what libpng refuses. Pillow then undoes the filters.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MOST_SIDE = 1_000_000
"""Pixels of a line, or lines, that libpng takes."""
_MOST_CHUNK = 8_000_000
_READ = 8192
"""Bytes of compressed data that libpng takes at a time: where it stops decides which errors it sees."""
_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_CHANNELS = {_GRAY: 1, _RGB: 3, _PALETTE: 1, _GRAY_ALPHA: 2, _RGBA: 4}
# Colour type and depth: Pillow's mode and its name for the packed form; 16 gray bits are two channels.
_MODES = {
    (_GRAY, 1): ("1", "1"),
    (_GRAY, 2): ("L", "L;2"),
    (_GRAY, 4): ("L", "L;4"),
    (_GRAY, 8): ("L", "L"),
    (_GRAY, 16): ("LA", "LA"),
    (_RGB, 8): ("RGB", "RGB"),
    (_RGB, 16): ("RGB", "RGB;16B"),
    (_PALETTE, 1): ("P", "P;1"),
    (_PALETTE, 2): ("P", "P;2"),
    (_PALETTE, 4): ("P", "P;4"),
    (_PALETTE, 8): ("P", "P"),
    (_GRAY_ALPHA, 8): ("LA", "LA"),
    (_GRAY_ALPHA, 16): ("RGBA", "LA;16B"),
    (_RGBA, 8): ("RGBA", "RGBA"),
    (_RGBA, 16): ("RGBA", "RGBA;16B"),
}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, and the steps to the next."""
_SMALL = 2**23
"""Bytes of decompressed lines up to which they are kept, so that they need not be decompressed twice."""


class Header(NamedTuple):
    """IHDR."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filters: int
    interlaced: int


class Chunk(NamedTuple):
    """A chunk's name and content."""

    name: bytes
    content: bytes


def pixels(data: bytes) -> int:
    """Width x height as the header claims them. Raises ValueError for none and for impossible ones."""
    width, lines = int.from_bytes(data[16:20], "big"), height(data)
    if len(data) < 24 or data[12:16] != b"IHDR" or max(width, lines) > MOST_SIDE:
        raise ValueError("no header")
    return width * lines


def height(data: bytes) -> int:
    """As the header claims it."""
    return int.from_bytes(data[20:24], "big")


def lines(data: bytes, wanted: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(len(wanted), width, 3) colours of the wanted lines, alpha dropped, 16 bits cut to their high byte.

    Raises ValueError, or zlib.error, for what libpng refuses.
    """
    head = _header(data)
    palette, parts = _critical(data, head)
    raw = bytearray() if _packed(head) <= _SMALL else None
    _inflate(parts, head, raw)
    image = _unfiltered(head, parts, raw)
    if raw is not None:
        return _colours(head, np.asarray(image)[wanted], palette)
    each = [np.asarray(image.crop((0, y, head.width, y + 1))) for y in wanted.tolist()]
    return _colours(head, np.concatenate(each), palette)


def _header(data: bytes) -> Header:
    if data[8:16] != b"\x00\x00\x00\x0dIHDR":
        raise ValueError("no header")
    head = Header(*struct.unpack(">IIBBBBB", data[16:29]))
    known = (head.colour, head.depth) in _MODES and head.interlaced <= 1
    if not head.width or not head.height or not known or head.compression or head.filters:
        raise ValueError("header")
    return head


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk up to IEND, the critical ones with a right checksum."""
    position, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", data[position : position + 8])
        end = position + 8 + length
        if not name.isalpha() or end + 4 > len(data) or (length > _MOST_CHUNK and name != b"IDAT"):
            raise ValueError("chunk")
        if _is_critical(name) and zlib.crc32(data[position + 4 : end]) != int.from_bytes(
            data[end : end + 4], "big"
        ):
            raise ValueError("checksum")
        yield Chunk(name, data[position + 8 : end])
        position = end + 4


def _is_critical(name: bytes) -> bool:
    return not name[0] & 0x20


def _critical(data: bytes, head: Header) -> tuple[bytes | None, list[bytes]]:
    """The palette, and the contents of the IDAT chunks that follow one another."""
    palette: bytes | None = None
    parts: list[bytes] = []
    ended = False
    for number, (name, content) in enumerate(_chunks(data)):
        if name == b"PLTE" and palette is not None:
            raise ValueError("second palette")
        if name == b"PLTE" and not parts:
            palette = _palette(content, head)
        elif name == b"IDAT" and not ended:
            parts.append(content)
        elif _is_critical(name) and name not in (b"PLTE", b"IDAT", b"IEND") and number:
            raise ValueError("unknown critical chunk")
        ended = ended or (bool(parts) and name != b"IDAT")
    if not parts or (head.colour == _PALETTE and not palette):
        raise ValueError("no pixels or no palette")
    return palette, parts


def _palette(content: bytes, head: Header) -> bytes:
    """At most 256 colours of 3 bytes; empty where it is of no use."""
    if head.colour in (_GRAY, _GRAY_ALPHA):
        return b""
    if len(content) > 768 or len(content) % 3:
        if head.colour == _PALETTE:
            raise ValueError("palette")
        return b""
    if not content:
        raise ValueError("empty palette")
    return content[: 3 << head.depth]


def _passes(head: Header) -> list[tuple[int, int]]:
    """Width and height of each pass that has pixels; one pass unless interlaced."""
    if not head.interlaced:
        return [(head.width, head.height)]
    sizes = [
        (-(-(head.width - left) // across), -(-(head.height - top) // down))
        for left, top, across, down in _PASSES
    ]
    return [(width, height) for width, height in sizes if width > 0 and height > 0]


def _line(head: Header, width: int) -> int:
    """Bytes of a line with its filter's number."""
    return 1 + (width * _CHANNELS[head.colour] * head.depth + 7) // 8


def _packed(head: Header) -> int:
    return sum(height * _line(head, width) for width, height in _passes(head))


def _inflate(parts: list[bytes], head: Header, raw: bytearray | None) -> None:
    """Decompress line by line as png_read_row does, then look for the stream's end as png_read_end does.

    `raw` takes what comes out. A stream that is right to its end is so either way: it is read in one go.
    Raises ValueError or zlib.error.
    """
    if raw is not None and (whole := _whole(parts, _packed(head))):
        raw += whole
        return
    blocks = (part[at : at + _READ] for part in parts for at in range(0, len(part), _READ))
    stream, pending = zlib.decompressobj(0), b""
    for width, height in _passes(head):
        for length in [_line(head, width)] * height:
            found = b""
            while len(found) < length:
                pending = pending or next(blocks, b"")
                if stream.eof or not pending:
                    raise ValueError("not enough image data")
                found += stream.decompress(pending, length - len(found))
                pending = stream.unconsumed_tail
            if raw is not None:
                raw += found
    _finish(stream, pending, blocks)


def _whole(parts: list[bytes], size: int) -> bytes | None:
    """All that a stream holds, if that is `size` bytes and nothing is wrong with it."""
    stream = zlib.decompressobj(0)
    try:
        found = stream.decompress(b"".join(parts), size + 1)
    except zlib.error:
        return None
    return found if stream.eof and len(found) == size else None


def _finish(stream: Any, pending: bytes, blocks: Iterator[bytes]) -> None:
    """Behind the last line the stream may end, rightly or not, or give nothing; what gives more must end."""
    surplus = 0
    while not stream.eof:
        pending = pending or next(blocks, b"")
        if not pending:
            raise ValueError("not enough image data")
        try:
            surplus += len(stream.decompress(pending, 1024))
        except zlib.error:
            return
        pending = stream.unconsumed_tail
        if not surplus:
            return


def _unfiltered(head: Header, parts: list[bytes], raw: bytearray | None) -> Image.Image:
    """Without `raw`, which a large image is spared, decompressed again from the file's own stream."""
    mode, packed = _MODES[head.colour, head.depth]
    data = b"".join(parts) if raw is None else zlib.compress(raw, 0)
    return Image.frombytes(mode, (head.width, head.height), data, "zip", (packed, head.interlaced))


def _colours(head: Header, pixels: NDArray[Any], palette: bytes | None) -> NDArray[np.uint8]:
    """(lines, width, 3) of what Pillow's mode holds."""
    if head.colour == _PALETTE:
        table = np.frombuffer((palette or b"").ljust(768, b"\0"), np.uint8).reshape(256, 3)
        return np.asarray(table[pixels])
    if pixels.dtype == np.bool_:
        pixels = pixels * np.uint8(255)
    if head.colour in (_RGB, _RGBA):
        return np.asarray(pixels[..., :3])
    gray = pixels[..., 0] if pixels.ndim == 3 else pixels
    return np.repeat(gray[..., np.newaxis], 3, axis=-1)
