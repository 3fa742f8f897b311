"""A photo is seen as it was held, in all eight ways, by every server and in training."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageOps

from model_build.in_archive import orientation
from tests.model_build import example_photos as photos
from tests.model_build.graph import graph, handler

WAYS = range(1, 9)


def exif(value: int, order: str = ">", kind: int = 3, before: int = 0, offset: int = 8) -> bytes:
    """A TIFF header and one directory, with `before` other entries first."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    entries = [struct.pack(f"{order}HHII", 0x0300 + number, 4, 1, 7) for number in range(before)]
    held = struct.pack(f"{order}HHI", 0x0112, kind, 1)
    held += struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value)
    directory = struct.pack(f"{order}H", before + 1) + b"".join(entries) + held + bytes(4)
    return mark + struct.pack(f"{order}I", offset) + bytes(offset - 8) + directory


def jpeg_held(tiff: bytes, before: bytes = b"") -> bytes:
    data, content = photos.jpeg(80, 120), b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content
    return data[:2] + before + segment + data[2:]


def behind_the_tables(tiff: bytes) -> bytes:
    data = photos.jpeg(80, 120)
    scan = data.index(b"\xff\xda")
    return data[:scan] + jpeg_held(tiff)[2 : 2 + 10 + len(tiff)] + data[scan:]


def png_held(tiff: bytes, *, late: bool = False) -> bytes:
    data, made = photos.png(80, 120), photos.chunk(b"eXIf", tiff)
    place = len(data) - 12 if late else 33
    return data[:place] + made + data[place:]


def seen(data: bytes) -> np.ndarray:
    pixels, errors = graph([data])
    ours, error = handler(data)
    assert (errors, error) == ([""], "")
    np.testing.assert_allclose(pixels[0], ours, atol=1e-5)
    return ours


@pytest.mark.parametrize("way", WAYS)
def test_a_photo_is_turned_as_pillow_turns_it(way: int) -> None:
    """The golden image for each way: the same pixels, upright on disk."""
    upright = ImageOps.exif_transpose(_tagged(Image.fromarray(photos.scene(80, 120)), way))
    expected, _ = handler(photos.saved(upright, "PNG"))
    np.testing.assert_allclose(seen(png_held(exif(way))), expected, atol=0.001)
    assert np.abs(seen(jpeg_held(exif(way))) - expected).mean() < 0.02, "but for what JPEG loses"


def _tagged(image: Image.Image, way: int) -> Image.Image:
    image.getexif()[0x0112] = way
    return image


APP0 = b"\xff\xe0\0\x04ab"
FOUND = {
    "big endian": jpeg_held(exif(6)),
    "little endian": jpeg_held(exif(6, "<")),
    "a long number": jpeg_held(exif(6, kind=4)),
    "a long number, little endian": jpeg_held(exif(6, "<", kind=4)),
    "other entries first": jpeg_held(exif(6, before=30)),
    "a directory further on": jpeg_held(exif(6, "<", offset=200)),
    "other segments first": jpeg_held(exif(6), APP0 * 20),
    "a comment first": jpeg_held(exif(6), b"\xff\xfe\0\x04ab"),
    "another EXIF behind it": jpeg_held(exif(6), b"")[:-2] + b"\xff\xd9" + jpeg_held(exif(3)),
}
NOT_FOUND = {
    "no tag": jpeg_held(exif(6)[:8] + bytes(30)),
    "a value beyond eight": jpeg_held(exif(9)),
    "zero": jpeg_held(exif(0)),
    "a text for a number": jpeg_held(exif(6, kind=2)),
    "a directory beyond the end": jpeg_held(exif(6)[:4] + b"\xff\xff\xff\xf0" + exif(6)[8:]),
    "a directory at the last byte": jpeg_held(exif(6)[:4] + b"\0\0\0\x19" + exif(6)[8:]),
    "a directory cut short": jpeg_held(exif(6)[:15]),
    "only its mark": jpeg_held(b""),
    "neither order of bytes": jpeg_held(b"XX" + exif(6)[2:]),
    "behind the tables": behind_the_tables(exif(6)),
    "too many segments first": jpeg_held(exif(6), APP0 * 64),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in FOUND.items()])
def test_the_tag_is_found_with(data: bytes) -> None:
    np.testing.assert_array_equal(seen(data), seen(jpeg_held(exif(6))))
    assert orientation.of_jpeg(data) == 6


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in NOT_FOUND.items()])
def test_a_photo_stays_as_it_is_with(data: bytes) -> None:
    np.testing.assert_array_equal(seen(data), seen(photos.jpeg(80, 120)))


def test_a_png_may_say_it_behind_its_pixels() -> None:
    np.testing.assert_array_equal(seen(png_held(exif(8), late=True)), seen(png_held(exif(8))))


def test_random_exif_is_read_alike() -> None:
    random = np.random.default_rng(3)
    files = []
    for _ in range(150):
        tiff = bytearray(
            exif(int(random.integers(10)), str(random.choice(["<", ">"])), before=int(random.integers(3)))
        )
        tiff[int(random.integers(len(tiff)))] = int(random.integers(256))
        files += [jpeg_held(bytes(tiff)), png_held(bytes(tiff))]
    pixels, errors = graph(files)
    for data, theirs, error in zip(files, pixels, errors, strict=True):
        ours, refusal = handler(data)
        assert (error, refusal) == ("", "")
        np.testing.assert_allclose(theirs, ours, atol=1e-5)
