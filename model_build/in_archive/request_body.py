"""The photo's bytes in one TorchServe request, however it was sent. Travels inside the archive: Python 3.9.

TorchServe hands over {"body": ...} or the fields of a form. It parses JSON under exactly `application/json`
and without a byte order mark, and decodes `text/*`; what else came is told by `body_content`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model_build.in_archive import body_content
from model_build.in_archive import request_texts as texts
from model_build.in_archive.preprocess import ImageError

Row = dict[str, Any]
"""{"body": ...}, or a form's fields by their names."""
Headers = Mapping[str, object]
"""Names as the client spelled them; TorchServe puts what it knows of a form's fields between them."""

_BODY, _FIELD = "body", "data"
_UNREAD = ("deflate", "br", "zstd", "compress")


def image_bytes(row: Row, headers: Headers) -> bytes:
    """The photo, or whatever came in its place, to be named by who decodes it.

    Raises ImageError with what to change where there is nothing to decode.
    """
    encoding = _header(headers, "content-encoding")
    if encoding in _UNREAD:
        raise ImageError(texts.compressed(encoding))
    if _FIELD in row:
        if _is_cut(row, headers):
            raise ImageError(texts.CUT_FORM)
        return body_content.photo(row[_FIELD], in_form=True)
    if _BODY in row:
        return body_content.photo(row[_BODY], in_form=False)
    named = [name for name in row if name.isidentifier()]
    raise ImageError(texts.no_field(named) if named else texts.FORM)


def _header(headers: Headers, name: str) -> str:
    return next((str(value).strip().lower() for key, value in headers.items() if key.lower() == name), "")


def _is_cut(row: Row, headers: Headers) -> bool:
    """Whether less than a third of a url-encoded form is there: TorchServe stops at its first line break."""
    length = _header(headers, "content-length")
    encoded = _header(headers, "content-type").startswith("application/x-www-form-urlencoded")
    there = sum(len(name.encode()) + len(value) + 2 for name, value in row.items()) if encoded else 0
    return encoded and length.isdecimal() and int(length) > 3 * there
