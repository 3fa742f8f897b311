"""What people send to TorchServe: read to the very bytes, or refused by a sentence that tells the remedy."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.in_archive import request_texts as texts
from model_build.in_archive.contract import MAX_BYTES
from model_build.in_archive.preprocess import ImageError
from model_build.in_archive.request_body import Headers, Row, image_bytes
from tests.model_build import example_photos as photos
from tests.model_build.in_archive.spellings import BODIES, FILES, FORMS, SPACED, TEXTS, plain

PHOTO = photos.jpeg()
TEXT = plain(PHOTO)
LONGEST = 250
URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
SEND = '; send {"data": "<base64 of a JPEG or PNG>"}'
BEGINNINGS = [b"\xff\xd8\xff", photos.PNG_SIGNATURE + b"\0\0\0\x0dIHDR"]
PHOTOS = st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary(min_size=60, max_size=600))


def refusal(row: Row, headers: Headers | None = None) -> str:
    """The one sentence that a client reads."""
    with pytest.raises(ImageError) as caught:
        image_bytes(row, headers or {})
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < LONGEST
    return sentence


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


@pytest.mark.parametrize("spaces", range(1, 9))
def test_a_plus_that_became_a_space_at_the_end_changes_none(spaces: int) -> None:
    photo = PHOTO[: len(PHOTO) // 3 * 3] + b"\xfb\xef\xbe\xfb\xef\xbe"
    text = plain(photo)
    assert text.endswith("+" * 8)
    assert refusal(FORMS["a form's field"](text[:-spaces] + " " * spaces)) == texts.SPACES
    assert refusal(BODIES["JSON"](text[:-spaces] + " " * spaces)) == texts.SPACES


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (TEXT[:100] + "*" + TEXT[100:], texts.odd_character("*", 101)),
        (TEXT[:100] + "\n=" + TEXT[100:], texts.odd_character("=", 102)),
        (f"data:image/jpeg;base64,{TEXT[:100]}é", texts.odd_character("é", 124)),
        (f"{TEXT[:100]}\\n{TEXT[100:]}", texts.odd_character("\\", 101)),
        (f"{TEXT}=={TEXT}", texts.odd_character("=", TEXT.index("=") + 1 if "=" in TEXT else len(TEXT) + 1)),
        (TEXT.rstrip("=")[: len(TEXT) // 4 * 4 - 3], texts.cut_base64(len(TEXT) // 4 * 4 - 3)),
        (TEXT[:100] + " " + TEXT[100:], texts.SPACES),
        ("data:image/svg+xml,%3Csvg/%3E", texts.NO_BASE64_ADDRESS),
        ("*", "expected the base64 of a JPEG or PNG, got '*'; send the photo's content"),
        ("photo.jpg", texts.not_base64("photo.jpg")),
        ("https://example.com/photo.jpg", texts.not_base64("https://example.com/photo.jpg")),
        (f"b'{TEXT}'", texts.not_base64(f"b'{TEXT}'")),
        ("hello, world", texts.not_base64("hello, world")),
        ("\ud800", texts.not_base64("\ufffd" * 3)),
    ],
)
def test_text_that_is_no_base64_is_told_from_base64_with_a_fault(data: str, sentence: str) -> None:
    assert refusal({"body": {"data": data}}) == sentence


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


@pytest.mark.parametrize(
    ("row", "headers", "sentence"),
    [
        ({}, {}, texts.FORM),
        ({f'{{"data": "{TEXT}': b"="}, URL_ENCODED, texts.FORM),
        ({TEXT: b"="}, URL_ENCODED, texts.FORM),
        (
            {"photo": b"", "name": b""},
            {},
            "the form has no field \"data\" but 'photo', 'name'; call the photo's field \"data\"",
        ),
        (
            {"data": TEXT[:76].encode()},
            {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "content-length": "4000"},
            texts.CUT_FORM,
        ),
        (
            {"data": TEXT.replace("+", " ").encode()},
            URL_ENCODED | {"Content-Length": str(len(TEXT) + 5)},
            texts.SPACES,
        ),
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


def test_a_form_of_few_bytes_in_many_is_whole_where_they_were_percent_encoded() -> None:
    length = len("data=") + 3 * len(TEXT)
    assert image_bytes({"data": TEXT.encode()}, URL_ENCODED | {"Content-Length": str(length)}) == PHOTO


def test_a_field_of_the_address_is_read_beside_an_empty_body() -> None:
    assert image_bytes({"data": TEXT.encode(), "body": b""}, {}) == PHOTO


def test_an_empty_text_is_an_empty_image() -> None:
    assert image_bytes({"body": {"data": ""}}, {}) == b""
