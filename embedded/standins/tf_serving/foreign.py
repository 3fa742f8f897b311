"""What a body is when it is no JSON: told to its sender, with what to send instead."""

import re

HEAD = 1024  # bytes that are looked at
SEND = '{"instances": [{"b64": "<base64 of a JPEG or PNG>"}]}'
_AS_IT_IS = f"send {SEND}"
_CONVERTED = f"convert it to JPEG or PNG and send {SEND}"
_NO_FORM = f"let the body be the JSON itself, as with curl --data-binary: {SEND}"
_KINDS = (
    (r"\xff\xd8\xff", "a JPEG image", _AS_IT_IS),
    (r"\x89PNG", "a PNG image", _AS_IT_IS),
    (r"....ftyp(?:hei|hev|mif|msf)", "a HEIC image", _CONVERTED),
    (r"....ftypavi", "an AVIF image", _CONVERTED),
    (r"RIFF....WEBP", "a WebP image", _CONVERTED),
    (r"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL image", _CONVERTED),
    (r"GIF8", "a GIF image", _CONVERTED),
    (r"II\*\x00|MM\x00\*", "a TIFF image", _CONVERTED),
    (r"BM....\x00\x00\x00\x00", "a BMP image", _CONVERTED),
    (r"....ftyp", "an MP4 video", _AS_IT_IS),
    (r"%PDF", "a PDF", _AS_IT_IS),
    (r"PK\x03\x04", "a ZIP archive", _AS_IT_IS),
    (r"\x1f\x8b", "gzip", "send the header Content-Encoding: gzip with it"),
    (r"\xff\xfe|\xfe\xff|\x00[^\x00]|[^\x00]\x00", "UTF-16 text", "send UTF-8"),
    (r"--[\x21-\x7e]+\r?\n", "a multipart form", _NO_FORM),
    (r"[\w.\[\]-]+=(?!=)|%7[Bb]", "a url-encoded form", _NO_FORM),
    (r"data:", "a data: URL", f"what follows its comma is the base64: {_AS_IT_IS}"),
    (r"version https://git-lfs", "a Git LFS pointer", f"git lfs pull brings the file: {_AS_IT_IS}"),
    (r"<", "HTML or XML", _AS_IT_IS),
    (r"[\w+/-]{60}", "bare base64", _AS_IT_IS),
)
_PATTERNS = [(re.compile(start.encode("latin-1"), re.DOTALL), kind, what) for start, kind, what in _KINDS]


def explained(body: bytes | bytearray) -> str:
    """What a body of a known kind is and what to do about it, to follow another sentence; else empty."""
    head = bytes(body[:HEAD]).lstrip()
    for pattern, kind, what in _PATTERNS:
        if pattern.match(head):
            return f"; the body is {kind}: {what}"
    return ""
