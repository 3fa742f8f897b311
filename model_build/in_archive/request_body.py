"""The image bytes of one TorchServe request. Travels inside the archive: Python 3.9, standard library."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from model_build.in_archive.contract import BAD_BASE64, NO_DATA
from model_build.in_archive.preprocess import ImageError

Row = dict[str, Any]
"""As TorchServe hands it over: {"body": ...}, or the names of a form's fields."""


def image_bytes(row: Row) -> bytes:
    """The image of a request: {"data": text} as JSON or as a form field, or the image itself as the body.

    Raises ImageError when there is none or its base64 is not the standard alphabet, padded.
    """
    body = row.get("data")
    if body is None:
        body = row.get("body")
    if isinstance(body, (bytes, bytearray)):
        if body[:1] in (b"\xff", b"\x89"):
            return bytes(body)
        body = _json(bytes(body)) if body[:1] == b"{" else bytes(body)
    if isinstance(body, dict):
        body = body.get("data")
    if isinstance(body, dict):
        body = body.get("b64")
    if not isinstance(body, (str, bytes)):
        raise ImageError(NO_DATA)
    return _decode_base64(body)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ImageError(NO_DATA) from error


def _decode_base64(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageError(BAD_BASE64) from error
