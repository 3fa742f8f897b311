"""Photos with faults that happen to files: the same seed makes the same ones."""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from tests.model_build import example_photos as photos

Random = np.random.Generator
T = TypeVar("T")
_LEAST = 40
"""Bytes that are left to be damaged."""
Fault = Callable[[bytes, Random], bytes]


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` files, each with one to three faults; named by its origin and faults."""
    random = np.random.default_rng(seed)
    origins = list(_origins().items())
    for _ in range(count):
        name, data = origins[int(random.integers(len(origins)))]
        faults = PNG_FAULTS if data.startswith(photos.PNG_SIGNATURE) else JPEG_FAULTS
        for _ in range(int(random.choice([1, 1, 1, 2, 3]))):
            fault = faults[int(random.integers(len(faults)))] if len(data) > _LEAST else _append
            name, data = f"{name} {fault.__name__.strip('_')}", fault(data, random)
        yield name, data


def _origins() -> dict[str, bytes]:
    """Small ones of every form, interlaced and multi-scan ones too."""
    forms = {name: data for name, data in photos.accepted().items() if len(data) < 30_000}
    return forms | {f"png-interlaced-{kind}": interlaced(*kind) for kind in _INTERLACED}


_INTERLACED = ((0, 1), (0, 4), (0, 16), (2, 8), (2, 16), (3, 2), (3, 8), (4, 8), (6, 16))
"""Colour type and depth."""
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8)),
    *((2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""Adam7: first column and row, and the steps to the next."""
_BYTES = (0, 1, 0x7F, 0x80, 0xD8, 0xD9, 0xDA, 0xFE, 0xFF)
_MARKERS = (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE)
_MARKS = (
    *(b"", b"JFIF\0", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x01"),
    *(b"ICC_PROFILE\0", b"Photoshop 3.0\0", b"Adobe"),
)
_NAMES = (
    *(b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"gAMA", b"tRNS", b"bKGD", b"hIST", b"pHYs", b"eXIf", b"sBIT"),
    *(b"PLTE", b"ABCD", b"abCd", b"ab\x01d", b"IDAT", b"IEND", b"acTL"),
)


def interlaced(colour: int, depth: int, width: int = 21, height: int = 13) -> bytes:
    """A PNG in seven passes, with noise for pixels and every filter."""
    random = np.random.default_rng([colour, depth])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    raw = bytearray()
    for left, top, across, down in _PASSES:
        columns, rows = len(range(left, width, across)), len(range(top, height, down))
        for _ in range(rows if columns else 0):
            raw += bytes([int(random.integers(5))]) + random.bytes((columns * channels * depth + 7) // 8)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 1)
    palette = [(b"PLTE", random.bytes(3 << min(depth, 7)))] if colour == 3 else []
    chunks = (b"IHDR", header), *palette, (b"IDAT", zlib.compress(bytes(raw))), (b"IEND", b"")
    return photos.PNG_SIGNATURE + b"".join(photos.chunk(name, data) for name, data in chunks)


def _any_of(values: Sequence[T], random: Random) -> T:
    return values[int(random.integers(len(values)))]


def _flip_bit(data: bytes, random: Random) -> bytes:
    at = int(random.integers(2, len(data)))
    return data[:at] + bytes([data[at] ^ (1 << int(random.integers(8)))]) + data[at + 1 :]


def _set_byte(data: bytes, random: Random) -> bytes:
    at = int(random.integers(2, len(data)))
    return data[:at] + bytes([_any_of(_BYTES, random)]) + data[at + 1 :]


def _cut_off(data: bytes, random: Random) -> bytes:
    return data[: int(random.integers(3, len(data)))]


def _cut_tail(data: bytes, random: Random) -> bytes:
    return data[: -int(random.integers(1, 24))]


def _append(data: bytes, random: Random) -> bytes:
    return data + random.bytes(int(random.integers(1, 200)))


def _insert(data: bytes, random: Random) -> bytes:
    at = int(random.integers(2, len(data)))
    return data[:at] + random.bytes(int(random.integers(1, 9))) + data[at:]


def _remove(data: bytes, random: Random) -> bytes:
    at = int(random.integers(2, len(data)))
    return data[:at] + data[at + int(random.integers(1, 9)) :]


def _zero(data: bytes, random: Random) -> bytes:
    at, count = int(random.integers(8, len(data))), int(random.integers(1, 400))
    return data[:at] + bytes(len(data[at : at + count])) + data[at + count :]


def _jpeg_segments(data: bytes) -> list[int]:
    """Where each segment before the first scan begins."""
    places, position = [], 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != 0xDA:
        places.append(position)
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return [*places, position] if position < len(data) else places or [2]


def _stray_bytes(data: bytes, random: Random) -> bytes:
    at = _any_of(_jpeg_segments(data), random)
    return data[:at] + random.bytes(int(random.integers(1, 6))) + data[at:]


def _foreign_segment(data: bytes, random: Random) -> bytes:
    at, marker = _any_of(_jpeg_segments(data), random), _any_of(_MARKERS, random)
    content = _any_of(_MARKS, random) + random.bytes(int(random.integers(0, 30)))
    length = len(content) + 2 if random.random() < 0.7 else int(random.integers(0, 40))
    return data[:at] + bytes([0xFF, marker]) + length.to_bytes(2, "big") + content + data[at:]


def _marker(data: bytes, random: Random) -> bytes:
    at = _any_of(_jpeg_segments(data), random)
    return data[:at] + bytes([0xFF, int(random.integers(256))]) + data[at:]


def _segment_length(data: bytes, random: Random) -> bytes:
    at = _any_of(_jpeg_segments(data), random) + 2
    return data[:at] + int(random.integers(0, 80)).to_bytes(2, "big") + data[at + 2 :]


def _two_segments_swapped(data: bytes, random: Random) -> bytes:
    places = _jpeg_segments(data)
    if len(places) < 3:
        return data
    at = int(random.integers(len(places) - 2))
    first, second, third = places[at : at + 3]
    return data[:first] + data[second:third] + data[first:second] + data[third:]


def _png_chunks(data: bytes) -> list[bytes]:
    chunks, position = [], 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        chunks.append(data[position:end])
        position = end
    return chunks


def _with(chunks: list[bytes]) -> bytes:
    return photos.PNG_SIGNATURE + b"".join(chunks)


def _foreign_chunk(data: bytes, random: Random) -> bytes:
    chunks = _png_chunks(data) or [b""]
    contents = b"", random.bytes(int(random.integers(1, 40))), b"k\0\0" + zlib.compress(bytes(3000))
    made = photos.chunk(_any_of(_NAMES, random), _any_of(contents, random))
    chunks.insert(int(random.integers(1, len(chunks) + 1)), made)
    return _with(chunks)


def _bad_checksum(data: bytes, random: Random) -> bytes:
    chunks = _png_chunks(data)
    if not chunks:
        return data
    at = int(random.integers(len(chunks)))
    chunks[at] = chunks[at][:-4] + random.bytes(4)
    return _with(chunks)


def _changed_content(data: bytes, random: Random) -> bytes:
    """With a right checksum, so that the content itself is judged."""
    chunks = _png_chunks(data)
    at = int(random.integers(max(len(chunks) - 1, 1)))
    if not chunks or len(chunks[at]) <= 12:
        return data
    content = _flip_bit(b"\0\0" + chunks[at][8:-4], random)[2:]
    chunks[at] = photos.chunk(chunks[at][4:8], content)
    return _with(chunks)


def _pixel_stream(data: bytes, random: Random) -> bytes:
    """The compressed stream cut, continued, split anew or with another end."""
    chunks = _png_chunks(data)
    stream = b"".join(each[8:-4] for each in chunks if each[4:8] == b"IDAT")
    kind = int(random.integers(5))
    if kind == 0:
        stream = stream[: -int(random.integers(1, 12))]
    elif kind == 1:
        stream += random.bytes(int(random.integers(1, 12)))
    elif kind == 2:
        stream = stream[:-4] + random.bytes(4)
    elif kind == 3:
        raw = _raw(stream)
        stream = zlib.compress(
            raw[: int(random.integers(0, len(raw) + 1))] + bytes(int(random.integers(0, 40)))
        )
    places = sorted(int(random.integers(0, len(stream) + 1)) for _ in range(int(random.integers(0, 4))))
    parts = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    others = [each for each in chunks if each[4:8] != b"IDAT"]
    return _with(others[:-1] + [photos.chunk(b"IDAT", part) for part in parts] + others[-1:])


def _raw(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, 10**6)
    except zlib.error:
        return b""


def _filters(data: bytes, random: Random) -> bytes:
    chunks = _png_chunks(data)
    raw = bytearray(_raw(b"".join(each[8:-4] for each in chunks if each[4:8] == b"IDAT")))
    if not raw or len(chunks) < 2:
        return data
    for _ in range(3):
        raw[int(random.integers(len(raw)))] = int(random.integers(7))
    others = [each for each in chunks if each[4:8] != b"IDAT"]
    return _with([*others[:-1], photos.chunk(b"IDAT", zlib.compress(bytes(raw))), *others[-1:]])


_ANY: list[Fault] = [_flip_bit, _set_byte, _cut_off, _cut_tail, _append, _insert, _remove, _zero]
JPEG_FAULTS: list[Fault] = [
    *_ANY,
    *(_stray_bytes, _foreign_segment, _marker, _segment_length, _two_segments_swapped),
]
PNG_FAULTS: list[Fault] = [
    *_ANY,
    *(_foreign_chunk, _bad_checksum, _changed_content, _pixel_stream) * 2,
    _filters,
]
