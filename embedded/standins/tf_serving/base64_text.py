"""Base64 as upstream decodes it, and what is wrong with a text that is refused.

Source: absl::Base64Unescape (absl/strings/escaping.cc): the standard alphabet, white space anywhere, padding
with = or a dot, all of it or none. Stricter on purpose: a space within a line was a + before somebody decoded
a form; to skip it would make another photo.
"""

import binascii
import contextlib
import re

from .errors import ServingError, invalid

_LOST_PLUS = re.compile(r"\S +\S")
_PREFIX = re.compile(r"\s*data:[^,]{0,100},")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/\s]")
_ADVICE = {
    "-": "belongs to the web-safe alphabet; send + and / for - and _, or ask signature_name web_safe_text",
    "_": "belongs to the web-safe alphabet; send + and / for - and _, or ask signature_name web_safe_text",
    "%": "is there because the text is percent-encoded; decode that first",
    "'": "is there because the text is a bytes literal of Python; decode() it",
    "=": "ends a text, and this one goes on; send one text for each image",
}


def decode(text: str) -> bytes:
    """The bytes that a text stands for; raises ServingError that says what to change."""
    if len(text) % 4 == 0 and not text.endswith("==="):  # binascii would take any padding
        with contextlib.suppress(ValueError):  # binascii.Error is one, so is a character beyond ASCII
            return binascii.a2b_base64(text, strict_mode=True)
    return _decode_unusual(text)


def _decode_unusual(text: str) -> bytes:
    if " " in text and _LOST_PLUS.search(text):
        raise _refusal("it has a space within a line; was it a + that a form decoded? Send + as %2B, or JSON")
    try:
        joined = b"".join(text.encode("ascii").split())
        data = joined.rstrip(b"=.")
        missing = -len(data) % 4
        if len(joined) - len(data) in (0, missing):
            return binascii.a2b_base64(data + b"=" * missing, strict_mode=True)
    except ValueError as error:
        raise _refusal(_wrong(text)) from error
    raise _refusal(_wrong(text))


def _refusal(why: str) -> ServingError:
    return invalid(f"Unable to base64 decode: {why}")


def _wrong(text: str) -> str:
    if prefix := _PREFIX.match(text):
        return f"it begins with {prefix[0].strip()}; cut that off"
    if character := _FOREIGN.search(text.rstrip("=. \t\r\n\v\f")):
        known = _ADVICE.get(character[0], "is not of the standard alphabet")
        return f"{character[0]!r} at offset {character.start()} {known}"
    return "its length is that of no whole bytes; is it cut short, or its padding?"
