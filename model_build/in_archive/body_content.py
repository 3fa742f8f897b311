"""From a request's body or a form's field to the photo in it: gzip, UTF-16, JSON, base64, or the photo."""

from __future__ import annotations

import gzip
import io
import json
import zlib

from model_build.in_archive import base64_text
from model_build.in_archive import request_texts as texts
from model_build.in_archive.contract import MAX_BYTES
from model_build.in_archive.preprocess import ImageError

_GZIP = b"\x1f\x8b"
_UNPACKED = 3 * MAX_BYTES
"""Room for the largest photo as base64 in UTF-16."""
_PLACES = ("data", "b64", "instances", "inputs")
"""Where JSON holds a photo: in our own form, TensorFlow Serving's and KServe's."""


def photo(value: object, *, in_form: bool) -> bytes:
    """The photo, or what came in its place. Raises ImageError with what to change."""
    if isinstance(value, str):
        value = value.encode(errors="surrogatepass")
    if not isinstance(value, (bytes, bytearray)):
        return _in_document(value, in_form=in_form)
    data = _unpacked(bytes(value))
    text = _text(data)
    if text.lstrip()[:1] in ("{", "[", '"'):
        document = _document(text)
        if document is not None:
            return _in_document(document, in_form=in_form)
    utf8 = text.encode(errors="surrogatepass")
    return base64_text.decode(utf8, in_form=in_form) if base64_text.is_meant(utf8) else data


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            found = packed.read(_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImageError(texts.BROKEN_GZIP) from error
    if len(found) > _UNPACKED:
        raise ImageError(texts.unpacks_to_more(_UNPACKED))
    return found


def _text(data: bytes) -> str:
    """Without its byte order mark; empty where it is no text."""
    if data.startswith(b"--") and b"form-data" in data[:500].lower():
        raise ImageError(texts.NO_BOUNDARY)
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        if data.startswith(b"{"):
            raise ImageError(texts.NOT_UTF8) from error
        return ""


def _document(text: str) -> object:
    """As JSON; None where other text begins like it. A string may hold line breaks, as a shell makes it."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{"):
            raise ImageError(texts.broken_json(error)) from error
        return None


def _in_document(value: object, *, in_form: bool) -> bytes:
    while not isinstance(value, str):
        value = _inside(value)
    return base64_text.decode(value.encode(errors="surrogatepass"), in_form=in_form)


def _inside(value: object) -> object:
    """One step towards the photo's text."""
    if isinstance(value, dict):
        names = list(value)
        value = [value[name] for name in _PLACES if name in value]
        if not value:
            raise ImageError(texts.no_data(names))
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if not isinstance(value, list) or any(isinstance(item, (int, float)) for item in value):
        raise ImageError(texts.not_text(value))
    raise ImageError(texts.not_one(len(value)))
