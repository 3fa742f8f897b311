"""Ways to write and to send one photo that TorchServe's handler reads, as TorchServe 0.12 hands each over."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest

from model_build.in_archive.preprocess import ImageError
from model_build.in_archive.request_body import Headers, Row, image_bytes

MIME, PEM = 76, 64
LONGEST = 250


def plain(photo: bytes) -> str:
    return base64.b64encode(photo).decode()


def wrapped(photo: bytes, width: int, line_break: str) -> str:
    text = plain(photo)
    return line_break.join(text[start : start + width] for start in range(0, len(text), width))


TEXTS: dict[str, Callable[[bytes], str]] = {
    "base64": plain,
    "lines of 76 characters": lambda photo: wrapped(photo, MIME, "\n") + "\n",
    "lines of 64 characters with carriage returns": lambda photo: wrapped(photo, PEM, "\r\n") + "\r\n",
    "lines of any length": lambda photo: wrapped(photo, 31, "\n"),
    "no padding": lambda photo: plain(photo).rstrip("="),
    "web-safe": lambda photo: base64.urlsafe_b64encode(photo).decode(),
    "web-safe without padding": lambda photo: base64.urlsafe_b64encode(photo).decode().rstrip("="),
    "data: address": lambda photo: f"data:image/jpeg;base64,{plain(photo)}",
    "data: address with capitals and a parameter": lambda photo: f"DATA:image/png;a=b;BASE64,{plain(photo)}",
}
"""How people write a photo as text; none has a space."""

SPACED: dict[str, Callable[[bytes], str]] = {
    "lines of 76 characters, joined by spaces": lambda photo: wrapped(photo, MIME, " "),
    "lines of 64 characters, each with a space": lambda photo: wrapped(photo, PEM, " ") + " ",
    "data: address with a space": lambda photo: f"data:image/jpeg;base64, {plain(photo)}",
}
"""More of them, which no form carries."""


def document(text: str) -> bytes:
    return json.dumps({"data": text}).encode()


BODIES: dict[str, Callable[[str], Row]] = {
    "JSON": lambda text: {"body": {"data": text}},
    "JSON with its b64 object": lambda text: {"body": {"data": {"b64": text}}},
    "TensorFlow Serving's body": lambda text: {"body": {"instances": [{"b64": text}]}},
    "TensorFlow Serving's columns": lambda text: {"body": {"inputs": {"b64": text}}},
    "KServe's body": lambda text: {"body": {"instances": [{"data": text}]}},
    "KServe's second body": lambda text: {"body": {"inputs": [{"name": "photo", "data": [text]}]}},
    "JSON without a header": lambda text: {"body": bytearray(document(text))},
    "JSON as text/plain": lambda text: {"body": document(text).decode()},
    "JSON after a byte order mark": lambda text: {"body": bytearray(b"\xef\xbb\xbf" + document(text))},
    "JSON after one, as text/plain": lambda text: {"body": "\ufeff" + document(text).decode()},
    "JSON with real line breaks in its text": lambda text: {
        "body": bytearray(b'{"data": "%b"}' % text.encode())
    },
    "JSON in a JSON string": lambda text: {"body": json.dumps({"data": text})},
    "JSON after white space": lambda text: {"body": bytearray(b"\r\n  " + document(text))},
    "JSON in UTF-16": lambda text: {"body": bytearray(document(text).decode().encode("utf-16"))},
    "JSON in UTF-16, big end first": lambda text: {
        "body": bytearray(document(text).decode().encode("utf-16-be"))
    },
    "JSON in UTF-16 without a mark": lambda text: {
        "body": bytearray(document(text).decode().encode("utf-16-le"))
    },
    "JSON in gzip": lambda text: {"body": bytearray(gzip.compress(document(text)))},
    "text without a header": lambda text: {"body": bytearray(text.encode())},
    "text as text/plain": lambda text: {"body": text},
    "text in UTF-16": lambda text: {"body": bytearray(text.encode("utf-16"))},
    "text in gzip": lambda text: {"body": bytearray(gzip.compress(text.encode()))},
    "a JSON string": lambda text: {"body": bytearray(json.dumps(text).encode())},
}
"""How a text is sent as a body."""

FORMS: dict[str, Callable[[str], Row]] = {
    "a form's field": lambda text: {"data": bytearray(text.encode())},
    "a form's file of text": lambda text: {"data": text},
    "a form's file of JSON": lambda text: {"data": {"data": text}},
    "a form's file of JSON without a type": lambda text: {"data": bytearray(document(text))},
    "a field beside others": lambda text: {"name": bytearray(b"me"), "data": bytearray(text.encode())},
}
"""How a text is sent in a form."""

FILES: dict[str, Callable[[bytes], Row]] = {
    "the photo itself": lambda photo: {"body": bytearray(photo)},
    "the photo in gzip": lambda photo: {"body": bytearray(gzip.compress(photo))},
    "a form's file": lambda photo: {"data": bytearray(photo)},
    "a form's file in gzip": lambda photo: {"data": bytearray(gzip.compress(photo))},
}
"""How a photo is sent as it is."""


def refusal(row: Row, headers: Headers | None = None) -> str:
    """The one sentence that a client reads."""
    with pytest.raises(ImageError) as caught:
        image_bytes(row, headers or {})
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < LONGEST
    return sentence
