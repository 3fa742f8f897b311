"""Bodies that hold no photo: told what to change, or handed on to be named."""

import gzip

import pytest

from model_build.in_archive import request_texts as texts
from model_build.in_archive.contract import MAX_BYTES
from model_build.in_archive.request_body import image_bytes
from tests.model_build import example_photos as photos
from tests.model_build.in_archive.spellings import plain, refusal

PHOTO = photos.jpeg()
TEXT = plain(PHOTO)
SEND = '; send {"data": "<base64 of a JPEG or PNG>"}'


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, f'the JSON has no "data"{SEND}'),
        ({"image": TEXT}, f"the JSON has no \"data\" but 'image'{SEND}"),
        ({"data": {}}, f'the JSON has no "data"{SEND}'),
        ({"data": None}, f"the JSON holds null where base64 belongs{SEND}"),
        ({"data": 7}, f"the JSON holds 7 where base64 belongs{SEND}"),
        ({"data": list(PHOTO)}, f"the JSON holds a list of numbers where base64 belongs{SEND}"),
        (None, f"the JSON holds null where base64 belongs{SEND}"),
        ({"instances": []}, "the JSON holds 0 photos; send each in a request of its own"),
        ({"instances": [{"b64": TEXT}] * 3}, "the JSON holds 3 photos; send each in a request of its own"),
        ({"data": TEXT, "b64": TEXT}, "the JSON holds 2 photos; send each in a request of its own"),
        (b'{"data" ""}', f"the JSON cannot be read (Expecting ':' delimiter at character 9){SEND}"),
        (b'{"data": ""} x', f"the JSON cannot be read (Extra data at character 14){SEND}"),
        (b'{"data": "\xff"}', f"{texts.NOT_UTF8}"),
        (b"--x\r\nContent-Disposition: form-data; name=data\r\n\r\n" + PHOTO, texts.NO_BOUNDARY),
        (gzip.compress(PHOTO)[:-9], texts.BROKEN_GZIP),
        (b"\x1f\x8b", texts.BROKEN_GZIP),
        (gzip.compress(bytes(3 * MAX_BYTES + 1)), texts.unpacks_to_more(3 * MAX_BYTES)),
    ],
)
def test_a_body_without_a_photo_is_told_what_to_change(body: object, sentence: str) -> None:
    assert refusal({"body": body}) == sentence


@pytest.mark.parametrize(
    "deep", [b'{"a":' * 100_000, b'{"data":' + b"[" * 100_000, b'{"data": ' + b"9" * 9999 + b"}"]
)
def test_json_beyond_all_measure_is_refused(deep: bytes) -> None:
    assert refusal({"body": deep}).startswith("the JSON cannot be read (")


def test_json_that_nests_one_photo_deeply_is_read() -> None:
    body: object = TEXT
    for _ in range(5000):
        body = {"data": body}
    assert image_bytes({"body": body}, {}) == PHOTO


@pytest.mark.parametrize(
    "came",
    [
        b"RIFF\xcc\x01\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7 %\xe2\xe3",
        b"<!DOCTYPE html><html>Bad Gateway</html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"[error] no such photo, please send one that is there, or ask the one who made it",
        b"Service temporarily unavailable please try again later or ask the administrator",
        b'"quoted, and not JSON',
        b"photo.jpg",
        b"",
        b"\n",
        b"5",
    ],
)
@pytest.mark.parametrize("field", ["body", "data"])
def test_what_is_no_base64_is_handed_on_to_be_named(field: str, came: bytes) -> None:
    assert image_bytes({field: bytearray(came)}, {}) == came
    assert (
        image_bytes({field: came.decode("latin-1").encode().decode()}, {}) == came.decode("latin-1").encode()
    )
    assert image_bytes({field: bytearray(gzip.compress(came))}, {}) == came
