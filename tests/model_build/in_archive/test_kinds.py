"""What came in a photo's place is named, with what helps, by every server in the same words."""

import gzip
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.model_build import example_photos as photos
from tests.model_build.graph import graph, handler


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("face.jpg", data)
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, photos.scene(4, 4))
    return buffer.getvalue()


def box(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mif1heic" + bytes(40)


def riff(form: bytes) -> bytes:
    return b"RIFF\x24\0\0\0" + form + bytes(40)


def saved(file_format: str) -> bytes:
    return photos.saved(Image.fromarray(photos.scene(20, 20)), file_format)


CONVERT, ITSELF, AS_BYTES = (
    "convert it to JPEG or PNG",
    "send the photo itself",
    "send its bytes as they are, not as text",
)
CAME = {
    "GIF": (saved("GIF"), CONVERT),
    "BMP": (saved("BMP"), CONVERT),
    "TIFF": (saved("TIFF"), CONVERT),
    "WebP": (saved("WEBP"), CONVERT),
    "ICO": (saved("ICO"), CONVERT),
    "JPEG 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), CONVERT),
    "HEIC": (box(b"heic"), CONVERT),
    "HEIF": (box(b"mif1"), CONVERT),
    "AVIF": (box(b"avif"), CONVERT),
    "MP4 video": (box(b"isom"), ITSELF),
    "QuickTime video": (box(b"qt  "), ITSELF),
    "JPEG XL": (b"\xff\x0a" + bytes(20), CONVERT),
    "Photoshop": (b"8BPS\0\x01" + bytes(20), CONVERT),
    "WAV audio": (riff(b"WAVE"), ITSELF),
    "AVI video": (riff(b"AVI "), ITSELF),
    "a RIFF file": (riff(b"ACON"), ITSELF),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", CONVERT),
    "a ZIP archive": (zipped(photos.jpeg()), "send a photo out of it"),
    "gzip data": (gzip.compress(photos.jpeg()), "send it decompressed"),
    "WebM or Matroska video": (b"\x1a\x45\xdf\xa3" + bytes(30), ITSELF),
    "a NumPy array": (array(), "encode it as JPEG or PNG"),
    "a PNG image changed by a transfer as text": (photos.png().replace(b"\r\n", b"\n"), AS_BYTES),
    "an image changed by reading it as text": (photos.jpeg().decode("utf-8", "replace").encode(), AS_BYTES),
    "UTF-16 text": ("hello".encode("utf-16"), ITSELF),
    "an HTML page": (b"\n  <!DOCTYPE html>\n<html><head><title>403", "is it an error page? " + ITSELF),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', CONVERT),
    "XML": (b'\xef\xbb\xbf<?xml version="1.0"?><Error/>', CONVERT),
    "a Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "fetch the file with `git lfs pull`",
    ),
    "JSON": (json.dumps({"error": "not found"}).encode(), ITSELF),
    "a data URL": (b"data:image/jpeg;base64,/9j/4AAQ", "send the base64 behind its comma"),
    "a web address": (b"https://example.com/face.jpg", ITSELF),
    "the text of a Python bytes object": (
        str(photos.jpeg()).encode(),
        "send its bytes, or base64 with .decode()",
    ),
    "base64 text of a JPEG image": (b"/9j/4AAQSkZJRg==", "send it once, where the request takes base64"),
    "base64 text of a PNG image": (b"iVBORw0KGgoAAAAN", "send it once, where the request takes base64"),
    "text": (b"hello, world", ITSELF),
    "unknown data": (bytes(range(1, 200)), CONVERT),
}


@pytest.mark.parametrize("name", CAME)
def test_what_came_is_named(name: str) -> None:
    data, advice = CAME[name]
    words = f"expected a JPEG or PNG image, got {name}; {advice}"
    assert handler(data)[1] == words
    assert graph([data])[1] == [words]


def test_every_short_beginning_is_named_alike() -> None:
    """Heads of one byte to eighty of all that is told apart, and of random bytes."""
    random = np.random.default_rng(1)
    heads = [
        data[:size] for data, _ in CAME.values() for size in (1, 2, 3, 5, 9, 13, 80) if size <= len(data)
    ]
    heads += [random.bytes(int(random.integers(1, 90))) for _ in range(100)]
    heads += [bytes(random.choice(list(b"{[<v /9j\t\n\xef\xbb\xbfh\0"), 6).tolist()) for _ in range(200)]
    assert graph(heads)[1] == [handler(head)[1] for head in heads]
