"""JSON text as upstream's parser takes it; RapidJSON 1.1.0 itself gave the same verdict on 200,000 bodies."""

import math
import tracemalloc

import pytest

from embedded.standins.tf_serving import json_text
from embedded.standins.tf_serving.errors import Code, ServingError


def refusal(body: bytes) -> str:
    with pytest.raises(ServingError) as caught:
        json_text.parse(body)
    assert caught.value.code is Code.INVALID_ARGUMENT
    return caught.value.message.removeprefix("JSON Parse error: ")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b' \r\n\t{"a": [1, -0, 1.5E+3]} \n', {"a": [1, 0, 1500.0]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1}\0 whatever', {"a": 1}),
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 1, "b": 2}),
        (b"[Infinity, -Infinity, Inf, -Inf]", [math.inf, -math.inf, math.inf, -math.inf]),
        (b'["Inf", "\\"Inf", Inf]', ["Inf", '"Inf', math.inf]),
        (b"1e-999", 0.0),
        (b"18446744073709551615", 2.0**64),
        (b"999999999999999999", 999999999999999999),
        (b'"\\ud83d\\ude00 \\/ \\\\ud800"', "😀 / \\ud800"),
    ],
)
def test_upstreams_readings_are_taken(body: bytes, value: object) -> None:
    assert json_text.parse(body) == value


@pytest.mark.parametrize("body", [b"NaN", b"-NaN"])
def test_a_number_may_be_none(body: bytes) -> None:
    value = json_text.parse(body)
    assert isinstance(value, float)
    assert math.isnan(value)


def test_bytes_that_are_not_utf_8_pass_as_they_are() -> None:
    value = json_text.parse(b'"\xff\xe9"')
    assert isinstance(value, str)
    assert value.encode(*json_text.ENCODING) == b"\xff\xe9"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "The document is empty"),
        (b" \n", "The document is empty. at offset: 2"),
        (b"\xef\xbb\xbf", "The document is empty. at offset: 3"),
        (b'{"a": 1} trailing', "The document root must not be followed by other values. at offset: 9"),
        (b'{"a": 1}{"b": 2}', "The document root must not be followed by other values. at offset: 8"),
        (b'\xef\xbb\xbf{"\xc3\xa9": 1}}', "must not be followed by other values. at offset: 12"),
        (b'{"a":1e999}', "Number too big to be stored in double. at offset: 5"),
        (b'{"a":-' + b"9" * 400 + b"}", "Number too big to be stored in double. at offset: 5"),
        (b'{"a":"\\ud800"}', "The surrogate pair in string is invalid. at offset: 6"),
        (b'{"a":"\\ud800\\u0041"}', "The surrogate pair in string is invalid. at offset: 6"),
        (b'{"a":"\\ude00\\ud83d"}', "The surrogate pair in string is invalid. at offset: 6"),
        (b'{"a":"\\', "Unterminated string starting at at offset: 5"),
        (b'{"a":nan}', "Invalid value. at offset: 5"),
        (b"[Inf, --NaN]", "Invalid value. at offset: "),
        (b"[Infi]", "at offset: "),
        (b"[+1]", "Invalid value. at offset: 1"),
        (b"[01]", "at offset: 2"),
        (b'"\n"', "at offset: 1"),
        (b'{"a": [1 2]}', "at offset: 9"),
        (b"[" * 100_000, "nested too deep"),
        (b"[" * 1_000_000, "more than the 262144 values that this stand-in takes"),
        (b"[" + b"[]," * 200_000 + b"1]", "more than the 262144 values"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_upstreams_refusals_are_refused_at_their_byte(body: bytes, says: str) -> None:
    assert says in refusal(body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image: send {"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image: send {"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC image: convert it to JPEG or PNG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "a HEIC image: convert it to JPEG or PNG"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF image: convert it to JPEG or PNG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "an MP4 video"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP image: convert it to JPEG or PNG"),
        (b"\xff\x0a\xfa\x7f", "a JPEG XL image: convert it to JPEG or PNG"),
        (b"\xff\xd8\xff" + b",[{" * 100_000, "a JPEG image: send {"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer: git lfs pull"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b\x08\0", "gzip: send the header Content-Encoding: gzip"),
        ('{"instances": [1]}'.encode("utf-16"), "UTF-16 text: send UTF-8"),
        ('{"instances": [1]}'.encode("utf-16-le"), "UTF-16 text: send UTF-8"),
        ('{"instances": [1]}'.encode("utf-16-be"), "UTF-16 text: send UTF-8"),
        (b"--------------------------d74496d66958873e\r\nContent-Disposition: form-data", "a multipart form"),
        (b"data=%2F9j%2F4AAQ", "a url-encoded form"),
        (b"data=/9j/4AAQ&x=1", "a url-encoded form"),
        (b"%7B%22instances%22", "a url-encoded form"),
        (b"data:image/jpeg;base64,/9j/", "a data: URL"),
        (b"<!DOCTYPE html>", "HTML or XML"),
        (b"/9j/" + b"A" * 80, "bare base64: send {"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_body_that_is_no_json_is_told_what_it_is(body: bytes, kind: str) -> None:
    assert f"; the body is {kind}" in refusal(body)


@pytest.mark.parametrize("body", [b"{", b"[1 2]", b"hello", b'{"a": 1} b=c', b"1"])
def test_broken_json_is_called_nothing_else(body: bytes) -> None:
    try:
        json_text.parse(body)
    except ServingError as error:
        assert "the body is" not in error.message


MIB = 2**20
HOSTILE = {
    "escapes": b'"' + b"\\u0041" * (MIB // 6) + b'"',
    "digits": b"1" * MIB,
    "fraction": b"0." + b"1" * MIB,
    "exponent": b"1e" + b"1" * MIB,
    "not UTF-8": b'"' + b"\xe9" * MIB + b'"',
    "spaces": b" " * MIB,
    "spelling": b'["' + b"\\n" * (MIB // 2) + b'", Inf]',
    "nothing": b"\0" * MIB,
    "values": b"[" + b"{}," * 87_000 + b"1]",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_made_of_a_body_is_bounded_by_its_bytes_and_values(body: bytes) -> None:
    tracemalloc.start()
    try:
        json_text.parse(body)
    except ServingError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5 * len(body) + 32 * MIB
