"""Property values as the engine sends them: plain JSON plus secrets and values not known yet.

The wire form (sdk/v3/go/common/resource in pulumi/pulumi) marks a secret by an object with a signature key,
and an unknown by one of seven sentinel strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf import struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_SENTINELS = frozenset(
    (
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    )
)


class PluginError(Exception):
    """An operation failed; its text is what the user reads."""


@dataclass(frozen=True)
class Secret:
    """A value that must be encrypted in the state and hidden in the display."""

    value: "Value"


@dataclass(frozen=True)
class Unknown:
    """A value that only the coming update will know."""


Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | Secret | Unknown | None"
Object: TypeAlias = dict[str, Value]

UNKNOWN = Unknown()


def from_struct(struct: struct_pb2.Struct) -> Object:
    """Decode a request's property bag; null members are dropped, as upstream's providers do."""
    return _object(struct)


def _object(struct: struct_pb2.Struct) -> Object:
    decoded = ((key, _decode(value)) for key, value in struct.fields.items())
    return {key: value for key, value in decoded if value is not None}


def _decode(value: struct_pb2.Value) -> Value:
    match value.WhichOneof("kind"):
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            text = value.string_value
            return UNKNOWN if text in UNKNOWN_SENTINELS else text
        case "list_value":
            return [_decode(item) for item in value.list_value.values]
        case "struct_value":
            return _decode_object(value.struct_value)
        case _:
            return None


def _decode_object(struct: struct_pb2.Struct) -> Value:
    if SIGNATURE not in struct.fields:
        return _object(struct)
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET:
        return Secret(_decode(struct.fields["value"]))
    if signature == OUTPUT:
        inner = _decode(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        return Secret(inner) if struct.fields["secret"].bool_value else inner
    raise PluginError("an asset, an archive or a resource is not supported as an input")


def to_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """Encode a property bag for a response; null members are dropped."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if value is not None:
            _encode(value, struct.fields[key])
    return struct


def _encode(value: Value, into: struct_pb2.Value) -> None:
    match value:
        case None:
            into.null_value = struct_pb2.NULL_VALUE
        case bool():
            into.bool_value = value
        case int() | float():
            into.number_value = value
        case str():
            into.string_value = value
        case Unknown():
            into.string_value = UNKNOWN_STRING
        case Secret():
            into.struct_value.fields[SIGNATURE].string_value = SECRET
            _encode(value.value, into.struct_value.fields["value"])
        case list():
            into.list_value.SetInParent()
            for item in value:
                _encode(item, into.list_value.values.add())
        case dict():
            into.struct_value.SetInParent()
            for key, item in value.items():
                if item is not None:
                    _encode(item, into.struct_value.fields[key])


def reveal(value: Value) -> Value:
    """The same value with its secrets' wrappers taken off, at every depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, list):
        return [reveal(item) for item in value]
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return value


def reveal_object(value: Mapping[str, Value]) -> Object:
    """`reveal` for an object."""
    return {key: reveal(item) for key, item in value.items()}


def has_unknown(value: Value) -> bool:
    """Whether any part of the value is still unknown."""
    match value:
        case Secret():
            return has_unknown(value.value)
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
    return isinstance(value, Unknown)


def as_object(value: Value) -> Object:
    """The value where an object may stand; anything else reads as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    """The value where a list may stand; anything else reads as an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Value) -> str:
    """The value where a string may stand; anything else reads as an empty one."""
    return value if isinstance(value, str) else ""
