"""Base64 as people make it: wrapped, without padding, web-safe, after a `data:` prefix. Nothing is guessed.

A form that is not percent-encoded turns each + into a space, and no rule tells that space from one between
lines. So a form's spaces are refused, and elsewhere they are read only where encoders wrap.
"""

from __future__ import annotations

import binascii
import re

from model_build.in_archive import request_texts as texts
from model_build.in_archive.preprocess import ImageError

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ODD = re.compile(rb"[^A-Za-z0-9+/_\s=-]|=(?=[\s=]*[^\s=])")
"""What base64 does not hold; = stands only at its end."""
_ADDRESS = re.compile(rb"\s*data:([^,]{0,200}),", re.IGNORECASE)
_LINES = re.compile(rb"(?:\S{76} )*(?:\S{4}){1,19}|(?:\S{64} )*(?:\S{4}){1,16}")
"""Lines as long as MIME's or PEM's, with spaces between them."""
_PHOTO = (b"/9j/", b"_9j_", b"iVBORw0KGgo")
"""How the base64 of every JPEG and of every PNG begins."""
_TELLING = 64
"""So many characters of the alphabet are meant as base64; the smallest photo has more."""


def is_meant(data: bytes) -> bool:
    """Whether a body of text can only be meant as base64, right or wrong: no other text, no words."""
    characters = _unwrapped(data)
    if _ADDRESS.match(data) or characters.startswith(_PHOTO):
        return True
    return len(characters) >= _TELLING and not _others(characters) and not _has_odd_spaces(data)


def decode(data: bytes, *, in_form: bool) -> bytes:
    """The bytes that a text stands for. Raises ImageError with what to change."""
    text = _without_address(data)
    characters = _unwrapped(text)
    bare = characters.rstrip(b"=")
    if _others(characters):
        raise _refusal(data, characters, _odd_character(data, len(data) - len(text)))
    if b" " in data if in_form else _has_odd_spaces(text):
        raise _refusal(data, characters, texts.SPACES)
    if len(bare) % 4 == 1:
        raise _refusal(data, characters, texts.cut_base64(len(bare)))
    return binascii.a2b_base64(bare.translate(_STANDARD) + b"=" * (-len(bare) % 4))


def _refusal(data: bytes, characters: bytes, flaw: str) -> ImageError:
    """The flaw, unless the text was never base64."""
    beginning = characters[:_TELLING]
    meant = characters.startswith(_PHOTO) or (len(beginning) == _TELLING and not _others(beginning))
    return ImageError(flaw if meant else texts.not_base64(data.decode(errors="replace")))


def _unwrapped(data: bytes) -> bytes:
    return data.translate(None, b" \t\r\n\v\f")


def _others(characters: bytes) -> bytes:
    """What is not of the alphabet, nor padding at the end."""
    return characters.rstrip(b"=").translate(None, _ALPHABET)


def _without_address(data: bytes) -> bytes:
    found = _ADDRESS.match(data)
    if not found:
        return data
    if not found[1].lower().replace(b" ", b"").endswith(b";base64"):
        raise ImageError(texts.NO_BASE64_ADDRESS)
    return data[found.end() :]


def _has_odd_spaces(text: bytes) -> bool:
    """Spaces that may stand for +; those before a text, between its lines, one after its padding do not."""
    inner = text.lstrip().rstrip(b"\r\n")
    if len(_unwrapped(inner)) % 4 == 0:
        inner = inner[:-1] + inner[-1:].strip()
    return b" " in inner and not _LINES.fullmatch(inner)


def _odd_character(data: bytes, start: int) -> str:
    position = next(_ODD.finditer(data, start)).start()
    before, after = data[:position].decode(errors="replace"), data[position:].decode(errors="replace")
    return texts.odd_character(after[0], len(before) + 1)
