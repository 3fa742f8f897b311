"""One verdict from every server on the same bytes: what no pixel needs decides nothing."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

import numpy as np
import pytest

from model_build.in_archive.contract import THESIS, Sight
from tests.model_build import example_photos as photos
from tests.model_build.graph import SMALL_COLOURS, graph, handler
from tests.model_build.mutations import mutated

FILES = int(os.environ.get("MUTATED_FILES", "2000"))
"""MUTATED_FILES=50000 for the long run that was made by hand."""
SEED = int(os.environ.get("MUTATED_SEED", "12"))
BATCH = 64
Change = Callable[[bytes], bytes]
NEARLY = 3 / 255
"""A progressive JPEG without its last scans is smoothed, differently by each release of libjpeg."""


@contextmanager
def quietly() -> Iterator[None]:
    """TensorFlow's libjpeg prints each warning to the process's error output."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    sys.stderr.flush()
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@pytest.mark.parametrize(("sight", "count"), [(THESIS, FILES), (SMALL_COLOURS, FILES // 5)])
def test_damaged_files_are_judged_alike(sight: Sight, count: int) -> None:
    files, disagreements, accepted = mutated(count, SEED), list[str](), 0
    with quietly():
        while batch := list(islice(files, BATCH)):
            pixels, errors = graph([data for _, data in batch], sight)
            for (name, data), theirs, error in zip(batch, pixels, errors, strict=True):
                ours, refusal = handler(data, sight)
                accepted += not refusal
                if refusal != error or np.abs(ours - theirs).max() > NEARLY:
                    disagreements.append(f"{name}: {refusal!r} and {error!r}")
    assert disagreements == []
    assert count / 10 < accepted < count * 9 / 10, "both verdicts occur"


def chunk_before_pixels(data: bytes, name: bytes, content: bytes, checksum: bytes | None = None) -> bytes:
    made = photos.chunk(name, content)
    made = made if checksum is None else made[:-4] + checksum
    return data[:33] + made + data[33:]


def segment(data: bytes, marker: int, content: bytes, length: int | None = None) -> bytes:
    size = (len(content) + 2 if length is None else length).to_bytes(2, "big")
    return data[:2] + bytes([0xFF, marker]) + size + content + data[2:]


NEEDLESS: dict[str, Change] = {
    "a text of 2 MB": lambda png: chunk_before_pixels(png, b"tEXt", b"k\0" + b"x" * 2_000_000),
    "a text that does not decompress": lambda png: chunk_before_pixels(png, b"zTXt", b"k\0\0junk"),
    "a text with a wrong checksum": lambda png: chunk_before_pixels(png, b"tEXt", b"k\0v", b"abcd"),
    "a colour profile that is none": lambda png: chunk_before_pixels(png, b"iCCP", b"junk"),
    "a chunk nobody knows": lambda png: chunk_before_pixels(png, b"abCd", b"junk"),
    "bytes behind the end": lambda png: png + b"junk",
}
NEEDLESS_JPEG: dict[str, Change] = {
    "a segment too short for its own length": lambda jpeg: segment(jpeg, 0xE1, b"", 1),
    "an application's segment with nothing in it": lambda jpeg: segment(jpeg, 0xED, b""),
    "a colour profile that is none": lambda jpeg: segment(jpeg, 0xE2, b"ICC_PROFILE\0"),
    "a broken preview": lambda jpeg: segment(jpeg, 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"),
    "bytes between two segments": lambda jpeg: jpeg[:20] + b"abc" + jpeg[20:],
    "fill bytes before a segment": lambda jpeg: jpeg[:2] + b"\xff" * 9 + jpeg[2:],
    "bytes behind the end": lambda jpeg: jpeg + b"junk" * 100,
    "a second picture behind the end": lambda jpeg: jpeg + photos.jpeg(30, 30),
}


@pytest.mark.parametrize(
    ("clean", "dirty"),
    [
        *(
            pytest.param(photos.png(), make(photos.png()), id=f"PNG with {name}")
            for name, make in NEEDLESS.items()
        ),
        *(
            pytest.param(photos.jpeg(), make(photos.jpeg()), id=f"JPEG with {name}")
            for name, make in NEEDLESS_JPEG.items()
        ),
    ],
)
def test_what_no_pixel_needs_changes_nothing(clean: bytes, dirty: bytes) -> None:
    expected, _ = handler(clean)
    pixels, errors = graph([dirty])
    ours, refusal = handler(dirty)
    assert (errors, refusal) == ([""], "")
    np.testing.assert_array_equal(ours, expected)
    np.testing.assert_allclose(pixels[0], expected, atol=1e-5)


def raw_png(stream: bytes, parts: int = 1) -> bytes:
    """An 8 x 8 gray PNG with the given compressed stream."""
    made = photos.png_file(8, 8, 8, 0, bytes(64))
    size = -(-len(stream) // parts)
    chunks = [photos.chunk(b"IDAT", stream[at : at + size]) for at in range(0, len(stream), size)]
    return made[:33] + b"".join(chunks) + made[-12:]


def test_only_pixels_that_are_there_count() -> None:
    """The stream of a PNG cut at every byte, whole or in two chunks; a JPEG cut at each of its last bytes."""
    stream = photos.png_file(8, 8, 8, 0, np.random.default_rng(0).bytes(64))[41:-16]
    files = [raw_png(stream[:end], parts) for end in range(1, len(stream) + 1) for parts in (1, 2)]
    files += [photos.jpeg()[:-cut] for cut in range(1, 60)]
    _, errors = graph(files)
    assert errors == [handler(data)[1] for data in files]
    assert errors[len(stream) * 2 - 1] == ""


def test_what_follows_another_chunk_than_the_pixels_is_none_of_them() -> None:
    """Three chunks of pixels and a text between two of them: the ones behind it do not count."""
    stream = photos.png_file(8, 8, 8, 0, bytes(64))[41:-16]
    parts = [photos.chunk(b"IDAT", part) for part in (stream[:4], stream[4:8], stream[8:])]
    whole, text = raw_png(stream), photos.chunk(b"tEXt", b"k\0v")
    files = [
        whole[:33] + b"".join(made) + whole[-12:]
        for made in ([parts[0], text, *parts[1:]], [*parts[:2], text, parts[2]], [*parts, text, parts[1]])
    ]
    _, errors = graph(files)
    assert errors == [handler(data)[1] for data in files]
    assert [bool(each) for each in errors] == [True, True, False]


def test_an_unknown_chunk_that_calls_itself_critical_is_refused() -> None:
    data = chunk_before_pixels(photos.png(), b"ABCD", b"abc")
    assert graph([data])[1] == [handler(data)[1]] == ["the PNG image is truncated or corrupt"]
