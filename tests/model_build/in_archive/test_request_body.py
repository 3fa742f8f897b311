"""Where a TorchServe request may carry its image."""

import base64
import json

import pytest

from model_build.in_archive.contract import BAD_BASE64, NO_DATA
from model_build.in_archive.preprocess import ImageError
from model_build.in_archive.request_body import Row, image_bytes
from tests.model_build import example_photos as photos

IMAGE = photos.jpeg()
TEXT = base64.b64encode(IMAGE).decode()


@pytest.mark.parametrize(
    "row",
    [
        {"body": {"data": TEXT}},
        {"body": {"data": {"b64": TEXT}}},
        {"body": bytearray(json.dumps({"data": TEXT}).encode())},
        {"body": bytearray(IMAGE)},
        {"body": bytearray(TEXT.encode())},
        {"body": TEXT},
        {"data": bytearray(IMAGE)},
        {"data": bytearray(TEXT.encode())},
        {"data": TEXT},
    ],
    ids=[
        "json",
        "b64 object",
        "json bytes",
        "raw",
        "text bytes",
        "text",
        "form file",
        "form text",
        "form string",
    ],
)
def test_the_image_is_found(row: Row) -> None:
    assert image_bytes(row) == IMAGE


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"body": None},
        {"body": {}},
        {"body": {"image": TEXT}},
        {"body": {"data": None}},
        {"body": {"data": 7}},
        {"body": {"data": [TEXT]}},
        {"body": [TEXT]},
        {"body": bytearray(b"{")},
        {"body": bytearray(b'{"data": "' + b"x" * 9)},
        {"body": bytearray(b'{"a":' * 100_000)},
        {"body": bytearray(b'{"data": "\xff"}')},
    ],
)
def test_a_request_without_an_image_is_told_what_is_expected(row: Row) -> None:
    with pytest.raises(ImageError) as caught:
        image_bytes(row)
    assert str(caught.value) == NO_DATA


@pytest.mark.parametrize("text", ["b'/9j/'", "_-_-", "/9j", "/9 j/", "é", "/9j/\n/9j/"])
def test_base64_is_strict(text: str) -> None:
    with pytest.raises(ImageError) as caught:
        image_bytes({"body": {"data": text}})
    assert str(caught.value) == BAD_BASE64


def test_an_empty_text_is_an_empty_image() -> None:
    assert image_bytes({"body": {"data": ""}}) == b""
