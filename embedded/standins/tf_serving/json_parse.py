"""Reads a request body with rapidjson's manners, on the standard library's C scanner.

Only the first value is read, text after it is ignored; NaN and Infinity are numbers; a repeated key keeps its
first value.
Texts: rapidjson/error/en.h; rules: tensorflow_serving/util/json_tensor.cc, ParseJson.
"""

import json
from collections.abc import Iterable
from typing import TypeAlias

from .errors import ServingError, invalid

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
BOM = b"\xef\xbb\xbf"
WHITESPACE = " \t\n\r"
_TEXTS = (
    ("Expecting property name", "Missing a name for object member."),
    ("Illegal trailing comma before end of object", "Missing a name for object member."),
    ("Expecting ':'", "Missing a colon after a name of object member."),
    ("Invalid control character", "Invalid escape character in string."),
    ("Invalid \\escape", "Invalid escape character in string."),
    ("Invalid \\uXXXX", "Incorrect hex digit after \\u escape in string."),
    ("Unterminated string", "Missing a closing quotation mark in string."),
)


def _first_wins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else dict(reversed(pairs))


_scan = json.JSONDecoder(object_pairs_hook=_first_wins).raw_decode


def document(body: bytes) -> dict[str, Json]:
    """The object that a body holds; raises ServingError with upstream's text for anything else."""
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    text = _text(body)
    start = next((i for i, c in enumerate(text) if c not in WHITESPACE), len(text))
    if start == len(text):
        raise _error("The document is empty.", len(text))
    value = _value(text, start)
    if not isinstance(value, dict):
        raise invalid(f"JSON Value: {shown(value)} Is not object")
    return value


def _text(body: bytes) -> str:
    try:
        return body.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _error("Invalid encoding in string.", error.start) from error


def _value(text: str, start: int) -> Json:
    try:
        value: Json = _scan(text, start)[0]
    except json.JSONDecodeError as error:
        raise _error(_rapid_text(error, text), error.pos) from error
    except RecursionError as error:
        raise invalid("JSON Parse error: Terminate parsing due to nesting deeper than allowed.") from error
    except ValueError as error:  # an integer of thousands of digits
        raise invalid("JSON Parse error: Number too big to be stored in double.") from error
    return value


def _error(text: str, offset: int) -> ServingError:
    return invalid(f"JSON Parse error: {text} at offset: {offset}")


def _rapid_text(error: json.JSONDecodeError, text: str) -> str:
    for start, rapid in _TEXTS:
        if error.msg.startswith(start):
            return rapid
    if error.msg.startswith("Expecting ','"):
        if _innermost(text[: error.pos]) == "{":
            return "Missing a comma or '}' after an object member."
        return "Missing a comma or ']' after an array element."
    return "Invalid value."


def _innermost(text: str) -> str:
    """Bracket that is still open at the end of `text`, quoted brackets not counted."""
    open_brackets, quoted, escaped = [], False, False
    for char in text:
        if quoted:
            quoted, escaped = (char != '"' or escaped), char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "{[":
            open_brackets.append(char)
        elif char in "}]" and open_brackets:
            open_brackets.pop()
    return open_brackets[-1] if open_brackets else ""


MAX_SHOWN = 1000


def shown(value: Json) -> str:
    """A value as error texts quote it, cut where upstream would send back a whole body."""
    text = json.dumps(_cut(value), ensure_ascii=False, indent=4)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _cut(value: Json, depth: int = 0) -> Json:
    if isinstance(value, str):
        return value[:MAX_SHOWN]
    if depth > 20:
        return "…"
    if isinstance(value, list):
        return [_cut(each, depth + 1) for each in value[:MAX_SHOWN]]
    if isinstance(value, dict):
        return {key: _cut(each, depth + 1) for key, each in _first(value.items())}
    return value


def _first(items: Iterable[tuple[str, Json]]) -> list[tuple[str, Json]]:
    return [item for item, _ in zip(items, range(MAX_SHOWN), strict=False)]


def type_name(value: Json) -> str:
    """Type of a value in error texts."""
    names = {bool: str(value), int: "Number", float: "Number", str: "String", list: "Array", dict: "Object"}
    return names.get(type(value), "Null")
