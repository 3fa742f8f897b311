"""What came in a photo's place, by its first bytes: the graph of TensorFlow Serving holds the same table."""

from __future__ import annotations

from typing import NamedTuple

HEAD = 64
"""Bytes that are looked at."""
BLANKS = b" \t\n\v\f\r"
BOM = b"\xef\xbb\xbf"

_CONVERT = "convert it to JPEG or PNG"
_AS_BYTES = "send its bytes as they are, not as text"
_ITSELF = "send the photo itself"
_IN_BASE64 = "send it once, where the request takes base64"


class Kind(NamedTuple):
    """A name, the bytes that tell it (each at its place in the head), and what helps."""

    name: str
    marks: tuple[tuple[int, bytes], ...]
    advice: str = _CONVERT


def _starting(name: str, *starts: bytes, advice: str = _CONVERT) -> list[Kind]:
    return [Kind(name, ((0, start),), advice) for start in starts]


def _container(name: str, brand: bytes, advice: str = _CONVERT) -> Kind:
    """ISO base media: `ftyp` and a brand behind the first box's length."""
    return Kind(name, ((4, b"ftyp" + brand),), advice)


def _riff(name: str, form: bytes, advice: str = _CONVERT) -> Kind:
    return Kind(name, ((0, b"RIFF"), (8, form)), advice)


BINARY = (
    *_starting("GIF", b"GIF8"),
    *_starting("BMP", b"BM"),
    *_starting("TIFF", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    *(_container("HEIC", brand) for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")),
    *(_container("HEIF", brand) for brand in (b"mif1", b"msf1")),
    *(_container("AVIF", brand) for brand in (b"avif", b"avis")),
    _container("QuickTime video", b"qt  ", _ITSELF),
    _container("MP4 video", b"", _ITSELF),
    _riff("WebP", b"WEBP"),
    _riff("WAV audio", b"WAVE", _ITSELF),
    _riff("AVI video", b"AVI ", _ITSELF),
    *_starting("a RIFF file", b"RIFF", advice=_ITSELF),
    *_starting("JPEG XL", b"\xff\x0a", b"\x00\x00\x00\x0cJXL "),
    *_starting("JPEG 2000", b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
    *_starting("Photoshop", b"8BPS"),
    *_starting("ICO", b"\x00\x00\x01\x00"),
    *_starting("OpenEXR", b"\x76\x2f\x31\x01"),
    *_starting("PDF", b"%PDF-"),
    *_starting("PostScript", b"%!PS"),
    *_starting("a ZIP archive", b"PK\x03\x04", b"PK\x05\x06", advice="send a photo out of it"),
    *_starting("a RAR archive", b"Rar!\x1a\x07", advice="send a photo out of it"),
    *_starting("a 7z archive", b"7z\xbc\xaf\x27\x1c", advice="send a photo out of it"),
    *_starting("gzip data", b"\x1f\x8b", advice="send it decompressed"),
    *_starting("WebM or Matroska video", b"\x1a\x45\xdf\xa3", advice=_ITSELF),
    *_starting("a NumPy array", b"\x93NUMPY", advice="encode it as JPEG or PNG"),
    *_starting("a PNG image changed by a transfer as text", b"\x89PNG", advice=_AS_BYTES),
    *_starting("an image changed by reading it as text", b"\xef\xbf\xbd", advice=_AS_BYTES),
    *_starting(
        "an image changed by reading it as text", b"\xc2\x89PNG", b"\xc3\xbf\xc3\x98", advice=_AS_BYTES
    ),
    *_starting("UTF-16 text", b"\xff\xfe", b"\xfe\xff", advice=_ITSELF),
)
"""Tried in order on the head as it is."""

TEXT = (
    *_starting(
        "an HTML page",
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        advice="is it an error page? " + _ITSELF,
    ),
    *_starting("SVG", b"<svg"),
    *_starting("XML", b"<?xml", b"<!doctype", b"<!--"),
    *_starting("a Git LFS pointer", b"version https://git-lfs", advice="fetch the file with `git lfs pull`"),
    *_starting("JSON", b"{", b"[", advice=_ITSELF),
    *_starting("a data URL", b"data:", advice="send the base64 behind its comma"),
    *_starting(
        "a web address", b"http://", b"https://", b"ftp://", b"file:", b"s3://", b"gs://", advice=_ITSELF
    ),
    *_starting(
        "the text of a Python bytes object", b"b'", b'b"', advice="send its bytes, or base64 with .decode()"
    ),
    *_starting("base64 text of a JPEG image", b"/9j/", b"_9j_", advice=_IN_BASE64),
    *_starting("base64 text of a PNG image", b"ivborw0kgg", advice=_IN_BASE64),
)
"""Tried next, without byte order mark and leading blanks, in lower case."""

PLAIN = Kind("text", (), _ITSELF)
"""Whatever else is printable ASCII."""
UNKNOWN = Kind("unknown data", ())


def message(kind: Kind) -> str:
    """What a client reads."""
    return f"expected a JPEG or PNG image, got {kind.name}; {kind.advice}"


def of(data: bytes) -> Kind:
    """The kind of anything that is neither JPEG nor PNG."""
    head = data[:HEAD]
    for kind in BINARY:
        if _has(head, kind):
            return kind
    text = (head[len(BOM) :] if head.startswith(BOM) else head).strip(BLANKS).lower()
    for kind in TEXT:
        if _has(text, kind):
            return kind
    return PLAIN if text and all(byte in BLANKS or 0x20 < byte < 0x7F for byte in text) else UNKNOWN


def _has(head: bytes, kind: Kind) -> bool:
    return all(head[at : at + len(mark)] == mark for at, mark in kind.marks)
