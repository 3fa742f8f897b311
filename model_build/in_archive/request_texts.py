"""What a client reads whose request holds no photo that can be read: what came, and what to change."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Collection

_JSON = '{"data": "<base64 of a JPEG or PNG>"}'
_SHOWN, _SHORT = 5, 30

STRIPPED = "curl -d takes line breaks and zeros out of a photo; send it by curl --data-binary @photo.jpg"
NO_BOUNDARY = "the form's Content-Type has no boundary; let the HTTP client write that header"
SPACES = (
    "the base64 has spaces, which a form puts in the place of +; "
    "percent-encode it (curl --data-urlencode) or send it without spaces"
)
NO_BASE64_ADDRESS = "the data: address is not base64; send data:image/jpeg;base64,<base64>"
NOT_UTF8 = f"the JSON is neither UTF-8 nor UTF-16; send {_JSON} as UTF-8"
BROKEN_GZIP = "the gzip body is cut off or corrupt; send all of it, or send it uncompressed"
NO_EXPLANATION = "the model gives predictions and no explanations; ask /predictions/emotions instead"


def compressed(encoding: str) -> str:
    """A Content-Encoding that is not read."""
    return f"the body's Content-Encoding is {encoding}; send it uncompressed or as gzip"


def unpacks_to_more(limit: int) -> str:
    """A gzip body beyond every photo's size."""
    return f"the gzip body unpacks to more than {limit} bytes; send a smaller photo"


def broken_json(error: Exception) -> str:
    """A body that begins as JSON."""
    where = (
        f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else "too deep"
    )
    return f"the JSON cannot be read ({where}); send {_JSON}"


def no_data(names: Collection[object]) -> str:
    """A JSON object without a photo."""
    return f'the JSON has no "data"{_besides(names)}; send {_JSON}'


def no_field(names: Collection[object]) -> str:
    """A form without a photo."""
    return f'the form has no field "data"{_besides(names)}; call the photo\'s field "data"'


def not_one(count: int) -> str:
    """A list of several photos, or of none."""
    return f"the JSON holds {count} photos; send each in a request of its own"


def not_text(value: object) -> str:
    """JSON of another type where base64 belongs: a scalar, or a number for each of the photo's bytes."""
    shown = "a list of numbers" if isinstance(value, list) else json.dumps(value)[:_SHORT]
    return f"the JSON holds {shown} where base64 belongs; send {_JSON}"


def not_base64(text: str) -> str:
    """Text where base64 belongs, such as a file's name or address."""
    return f"expected the base64 of a JPEG or PNG, got {reprlib.repr(text)}; send the photo's content"


def odd_character(character: str, position: int) -> str:
    """Base64 with something else in it; counted from 1."""
    return f"the base64 has {character!r} at character {position}; send one photo's base64 and nothing else"


def cut_base64(length: int) -> str:
    """Base64 of a length that none has."""
    return f"the base64 is cut off: {length} characters make no whole number of bytes; send all of it"


def _besides(names: Collection[object]) -> str:
    shown = ", ".join(reprlib.repr(name) for name in list(names)[:_SHOWN])
    return f" but {shown}" if shown else ""
