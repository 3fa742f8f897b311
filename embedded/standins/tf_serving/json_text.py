"""JSON text as upstream reads it: the standard library's parser, held to the rules of upstream's RapidJSON.

Source: ParseJson in tensorflow_serving/util/json_tensor.cc. Stricter on purpose: text after the document is
refused, as upstream did up to 2.17 (later versions stop reading there), and so is every lone surrogate;
nesting and the number of values are bounded.
"""

import json
import math
import re
from typing import TypeAlias

from . import foreign
from .errors import invalid

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
MAX_VALUES = 2**18  # 32 MB of empty lists would be eleven million, of 64 bytes each
INTEGER_DIGITS = 18  # exact in 64 bits; longer ones are doubles, as upstream's largest are
ENCODING = ("utf-8", "surrogateescape")
"""Bytes that are not UTF-8 pass, as upstream; encoded again, a string has the bytes that were sent."""
_BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\n\r]*")
_PAIRED = re.compile(
    r"(?:[^\\]++|\\(?:[^u]|\Z)|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB]..\\u[dD][c-fC-F])*+", re.DOTALL
)
_SPELLING = re.compile(r"(?<![-+.\w])(?:-?Inf(?!inity)|-NaN)")
_STRING_OR_SPELLING = re.compile(rf'"(?:[^"\\]++|\\.)*+"|{_SPELLING.pattern}', re.DOTALL)
_PYTHONS = {"Inf": "Infinity", "-Inf": "-Infinity", "-NaN": "NaN"}
_UPSTREAMS = {"Expecting value": "Invalid value."}


class Repeating(dict[str, Json]):
    """An object with a name that comes twice: the first value counts, as for upstream's FindMember."""


def parse(body: bytes | bytearray) -> Json:
    """The value that a body holds; raises ServingError that names the offset, and what else the body is."""
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    if _has_too_many_values(body):
        text = f"JSON Parse error: more than the {MAX_VALUES} values that this stand-in takes"
        raise invalid(text + foreign.explained(body))
    try:
        return _document(body.decode(*ENCODING))
    except RecursionError as error:
        raise invalid("JSON Parse error: nested too deep") from error
    except json.JSONDecodeError as error:
        offset = len(error.doc[: error.pos].encode(*ENCODING))
        text = f"JSON Parse error: {_UPSTREAMS.get(error.msg, error.msg)} at offset: {offset}"
        raise invalid(text + foreign.explained(body)) from error


def _document(text: str) -> Json:
    start = _end(_SPACE, text, len(_BOM) if text.startswith(_BOM) else 0)
    if text[start : start + 1] in ("", "\0"):
        raise json.JSONDecodeError("The document is empty.", text, start)
    if "\\" in text and (paired := _end(_PAIRED, text, 0)) < len(text):
        raise json.JSONDecodeError("The surrogate pair in string is invalid.", text, paired)
    value: Json
    try:
        value, end = _DECODER.raw_decode(text, start)
    except OverflowError as error:
        at = text.find(str(error))
        raise json.JSONDecodeError("Number too big to be stored in double.", text, at) from error
    except json.JSONDecodeError as error:
        if not _SPELLING.match(text, error.pos):
            raise
        return _document(_STRING_OR_SPELLING.sub(lambda found: _PYTHONS.get(found[0], found[0]), text))
    end = _end(_SPACE, text, end)
    if text[end : end + 1] not in ("", "\0"):
        raise json.JSONDecodeError("The document root must not be followed by other values.", text, end)
    return value


def _has_too_many_values(body: bytes | bytearray) -> bool:
    """By what begins one; `find` leaps over a photo, `count` would look at each of its characters."""
    left = MAX_VALUES
    for mark in b",[{":
        at = body.find(mark)
        while at >= 0 and left:
            at, left = body.find(mark, at + 1), left - 1
    return not left


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the match ends of a pattern that may be empty."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _object(members: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(members)
    return made if len(made) == len(members) else Repeating(reversed(members))


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= INTEGER_DIGITS else _double(digits)


def _double(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise OverflowError(digits)
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_double)
