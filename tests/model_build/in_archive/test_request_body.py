"""What people send to TorchServe: read to the very bytes, or refused by a sentence that tells the remedy."""

import gzip
import zlib
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.in_archive import request_texts as texts
from model_build.in_archive.preprocess import ImageError
from model_build.in_archive.request_body import Headers, Row, image_bytes
from tests.model_build import example_photos as photos
from tests.model_build.in_archive.spellings import BODIES, FILES, FORMS, SPACED, TEXTS, plain, refusal

PHOTO = photos.jpeg()
TEXT = plain(PHOTO)
URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
ENCODERS = {
    "none": lambda text: f"data={text}",
    "all": lambda text: urlencode({"name": "me", "data": text}),
    "all but unreserved": lambda text: f"data={quote(text, safe='')}",
    "every character": lambda text: "data=" + "".join(f"%{byte:02x}" for byte in text.encode()),
    "only what no address holds": lambda text: f"data={quote(text, safe='/+=:;,?@&$#!*()')}",
}
"""How a client writes a form's value: a shell, a browser, curl --data-urlencode, a careful one, encodeURI."""
FAITHFUL = ("all", "all but unreserved", "every character")
BEGINNINGS = [b"\xff\xd8\xff", photos.PNG_SIGNATURE + b"\0\0\0\x0dIHDR"]
PHOTOS = st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary(min_size=60, max_size=600))


def without(data: bytes, taken: bytes) -> bytes:
    return data.translate(None, taken)


@pytest.mark.parametrize("written", TEXTS)
@pytest.mark.parametrize("sent", BODIES | FORMS)
def test_every_way_to_write_and_send_a_photo_gives_its_very_bytes(written: str, sent: str) -> None:
    assert image_bytes((BODIES | FORMS)[sent](TEXTS[written](PHOTO)), {}) == PHOTO


@pytest.mark.parametrize("written", SPACED)
@pytest.mark.parametrize("sent", BODIES)
def test_spaces_between_lines_are_read_where_no_form_made_them(written: str, sent: str) -> None:
    assert image_bytes(BODIES[sent](SPACED[written](PHOTO)), {}) == PHOTO


@pytest.mark.parametrize("sent", FILES)
def test_a_photo_is_taken_as_it_is(sent: str) -> None:
    assert image_bytes(FILES[sent](PHOTO), {}) == PHOTO


@given(PHOTOS, st.sampled_from([*TEXTS, *SPACED]), st.sampled_from([*BODIES, *FORMS]))
def test_a_photo_comes_out_identical_or_is_refused(photo: bytes, written: str, sent: str) -> None:
    asked = (BODIES | FORMS)[sent]((TEXTS | SPACED)[written](photo))
    if written in SPACED and sent in FORMS:
        assert refusal(asked) == texts.SPACES
    else:
        assert image_bytes(asked, {}) == photo


@given(PHOTOS, st.sampled_from([*TEXTS]), st.sampled_from([*BODIES, *FORMS]))
def test_a_plus_that_became_a_space_never_changes_a_photo(photo: bytes, written: str, sent: str) -> None:
    text = TEXTS[written](photo)
    asked = (BODIES | FORMS)[sent](text.replace("+", " "))
    if "+" in text:
        assert refusal(asked) == texts.SPACES
    else:
        assert image_bytes(asked, {}) == photo


@pytest.mark.parametrize(
    ("row", "headers", "sentence"),
    [
        ({}, {}, 'the form has no field "data"; call the photo\'s field "data"'),
        ({"photo": b"", "name": b""}, {}, texts.no_field(["photo", "name"])),
        ({"body": b"image=/9j/&name=me"}, URL_ENCODED, texts.no_field(["image"])),
        ({"body": without(PHOTO, b"\0\r\n")}, URL_ENCODED, texts.STRIPPED),
        ({"body": without(photos.png(), b"\0\r\n")}, URL_ENCODED, texts.STRIPPED),
        ({"body": zlib.compress(PHOTO)}, {"Content-Encoding": "deflate"}, texts.compressed("deflate")),
        ({"body": b"..."}, {"content-encoding": " BR "}, texts.compressed("br")),
    ],
)
def test_a_form_or_an_encoding_that_is_not_read_is_told_what_to_change(
    row: Row, headers: Headers, sentence: str
) -> None:
    assert refusal(row, headers) == sentence


@pytest.mark.parametrize("encoding", ["gzip", "identity", "utf-8", "base64", ""])
def test_other_encodings_are_what_the_body_says(encoding: str) -> None:
    assert image_bytes({"body": gzip.compress(PHOTO)}, {"Content-Encoding": encoding}) == PHOTO


@pytest.mark.parametrize(
    "sent", ["JSON without a header", "text without a header", "JSON in gzip", "a JSON string"]
)
def test_text_that_curl_calls_a_form_is_read_as_what_it_is(sent: str) -> None:
    assert image_bytes(BODIES[sent](TEXT), URL_ENCODED) == PHOTO


@pytest.mark.parametrize("sent", ["the photo itself", "the photo in gzip"])
def test_a_photo_that_curl_calls_a_form_is_taken_as_it_is(sent: str) -> None:
    assert image_bytes(FILES[sent](PHOTO), URL_ENCODED) == PHOTO


@given(PHOTOS, st.sampled_from([*TEXTS, *SPACED]), st.sampled_from([*ENCODERS]))
def test_a_form_of_any_client_gives_the_photo_or_a_refusal(photo: bytes, written: str, encoder: str) -> None:
    body = ENCODERS[encoder]((TEXTS | SPACED)[written](photo)).encode()
    try:
        assert image_bytes({"body": bytearray(body)}, URL_ENCODED) == photo
    except ImageError as error:
        assert str(error) == texts.SPACES
        assert any(space in body for space in (b"+", b" ", b"%20"))


@pytest.mark.parametrize(
    ("written", "encoder", "is_read"),
    [
        *((written, encoder, True) for written in TEXTS for encoder in ("none", *FAITHFUL)),
        *((written, encoder, False) for written in SPACED for encoder in FAITHFUL),
        *((written, "none", True) for written in SPACED),
        ("base64", "only what no address holds", True),
        ("lines of 76 characters", "only what no address holds", False),
    ],
)
def test_a_forms_plus_is_itself_only_where_nothing_was_encoded(
    written: str, encoder: str, is_read: bool
) -> None:
    assert "+" in TEXT
    asked: Row = {"body": bytearray(ENCODERS[encoder]((TEXTS | SPACED)[written](PHOTO)).encode())}
    if is_read:
        assert image_bytes(asked, URL_ENCODED) == PHOTO
    else:
        assert refusal(asked, URL_ENCODED) == texts.SPACES


@pytest.mark.parametrize("encoder", ["none", *FAITHFUL])
def test_a_form_of_many_pieces_gives_the_very_bytes(encoder: str) -> None:
    photo = PHOTO + bytes(range(256)) * 600
    assert image_bytes({"body": ENCODERS[encoder](plain(photo)).encode()}, URL_ENCODED) == photo


def test_base64_that_looks_like_a_forms_name_is_none() -> None:
    photo = BEGINNINGS[1] + bytes(51)
    assert plain(photo).rstrip("=").isalnum()
    assert image_bytes({"body": f"{plain(photo)}\r\n".encode()}, URL_ENCODED) == photo


def test_a_field_of_the_address_is_read_beside_an_empty_body() -> None:
    assert image_bytes({"data": TEXT.encode(), "body": b""}, {}) == PHOTO


def test_an_empty_text_is_an_empty_image() -> None:
    assert image_bytes({"body": {"data": ""}}, {}) == b""
