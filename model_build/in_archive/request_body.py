"""The photo's bytes in one TorchServe request, however it was sent. Travels inside the archive: Python 3.9.

TorchServe hands over {"body": ...} or the fields of a form. It parses JSON under exactly `application/json`
and without a byte order mark, and decodes `text/*`; what else came is told by `body_content`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from model_build.in_archive import body_content
from model_build.in_archive import request_texts as texts
from model_build.in_archive.preprocess import ImageError

Row = dict[str, Any]
"""{"body": ...}, or a form's fields by their names."""
Headers = Mapping[str, object]
"""Names as the client spelled them; TorchServe puts what it knows of a form's fields between them."""

_BODY, _FIELD = "body", "data"
_UNREAD = ("deflate", "br", "zstd", "compress")
_URL_ENCODED = "application/x-www-form-urlencoded"
_FIRST_FIELD = re.compile(rb"([A-Za-z_][\w.-]*)=(?![=\s]*\Z)")
"""How a form begins; base64 may end with = too."""
_PIECE = 1 << 16


def image_bytes(row: Row, headers: Headers) -> bytes:
    """The photo, or whatever came in its place, to be named by who decodes it.

    Raises ImageError with what to change where there is nothing to decode.
    """
    encoding = _header(headers, "content-encoding")
    if encoding in _UNREAD:
        raise ImageError(texts.compressed(encoding))
    if _FIELD in row:
        return body_content.photo(row[_FIELD], in_form=True)
    if _BODY not in row:
        raise ImageError(texts.no_field(row))
    if _header(headers, "content-type").startswith(_URL_ENCODED):
        return _url_encoded(bytes(row[_BODY]))
    return body_content.photo(row[_BODY], in_form=False)


def _header(headers: Headers, name: str) -> str:
    return next((str(value).strip().lower() for key, value in headers.items() if key.lower() == name), "")


def _url_encoded(body: bytes) -> bytes:
    """A form; or anything, for curl calls every body a form unless it is told otherwise."""
    if body.startswith((b"\xff\xd8", b"\x89PNG")) and b"\0" not in body:
        raise ImageError(texts.STRIPPED)
    first = _FIRST_FIELD.match(body)
    if not first:
        return body_content.photo(body, in_form=False)
    _, found, after = (b"&" + body).partition(b"&data=")
    if not found:
        raise ImageError(texts.no_field([first[1].decode()]))
    value = after.partition(b"&")[0]
    if _is_encoded(value):
        return body_content.photo(_decoded(value), in_form=True)
    return body_content.photo(value, in_form=False)


def _is_encoded(value: bytes) -> bool:
    """Whether each + in a form's value is a space: not where / or = stand, which percent-encoding changes."""
    return b"%" in value or not (b"/" in value or b"=" in value)


def _decoded(value: bytes) -> bytes:
    """A form's value without its percent-encoding; in pieces, each of them takes many times its size."""
    pieces, start = [], 0
    while start < len(value):
        end = value.find(b"%", start + _PIECE)
        end = len(value) if end < 0 else end
        pieces.append(unquote_to_bytes(value[start:end].replace(b"+", b" ")))
        start = end
    return b"".join(pieces)
