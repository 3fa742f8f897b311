"""Predict bodies and replies in row format: `{"instances": [...]}` and `{"predictions": [...]}`.

Rules and the heads of error texts: tensorflow_serving/util/json_tensor.cc.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import numpy as np

from . import base64_text, json_text
from .dtypes import FLOAT, STRING, InputInfo, Tensor
from .errors import Code, ServingError, invalid
from .foreign import SEND
from .json_text import Json, Repeating

Infos: TypeAlias = Mapping[str, InputInfo]
MAX_SHOWN = 100
MAX_RANK = 32
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def document(body: bytes | bytearray) -> dict[str, Json]:
    """The object that a body holds; raises ServingError for anything else."""
    value = json_text.parse(body)
    if not isinstance(value, dict):
        raise invalid(f"JSON Value: {shown(value)} Is not object; send {SEND}")
    return value


def signature_name(doc: dict[str, Json]) -> str:
    """Signature that a body asks for; empty for the default."""
    name = doc.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(f"'signature_name' key must be a string value, got {shown(name)}")
    return name


def inputs(doc: dict[str, Json], infos: Infos) -> dict[str, Tensor]:
    """Arrays by input name, their first dimension counting the rows; raises ServingError."""
    rows = _instances(doc)
    columns: dict[str, list[Json]] = {name: [] for name in infos}
    for position, row in enumerate(rows):
        try:
            for name, value in _by_name(row, infos).items():
                columns[name].append(value)
        except ServingError as error:
            raise _in_row(position, error) from error
    return {name: _array(values, infos[name]) for name, values in columns.items()}


def _instances(doc: dict[str, Json]) -> list[Json]:
    if "instances" in doc and "inputs" in doc:
        raise invalid("Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")
    if "inputs" in doc:
        text = "This stand-in serves the row format only: send 'instances', a list of rows, not 'inputs'"
        raise ServingError(Code.UNIMPLEMENTED, text)
    if "instances" not in doc:
        raise invalid(f"Missing 'inputs' or 'instances' key; send {SEND}")
    instances = doc["instances"]
    if not isinstance(instances, list):
        raise invalid(f"Expecting 'instances' to be an list/array, got {shown(instances)}")
    if not instances:
        raise invalid("No values in 'instances' array")
    return instances


def _by_name(row: Json, infos: Infos) -> dict[str, Json]:
    """A row's values by input name: an object of all inputs, or the bare value of the only one."""
    if isinstance(row, Repeating):
        raise invalid(f"expected each key once, got one twice: {shown(row)}")
    if isinstance(row, dict) and (row.keys() == infos.keys() or "b64" not in row):
        if row.keys() != infos.keys():
            raise invalid(f"JSON object keys must be equal to: {','.join(sorted(infos))}, got {shown(row)}")
        return row
    if len(infos) > 1:
        raise invalid(f"expected an object of {','.join(sorted(infos))}, got {shown(row)}")
    return dict.fromkeys(infos, row)


def _array(values: list[Json], info: InputInfo) -> Tensor:
    if info.dtype in (STRING, FLOAT):
        array = _strings(values) if info.dtype == STRING else _floats(values)
        _require_shape(array.shape, info)
        return array
    text = f"This stand-in serves inputs of the types float and string, not {info.dtype}"
    raise ServingError(Code.UNIMPLEMENTED, text)


def _require_shape(found: tuple[int, ...], info: InputInfo) -> None:
    """Some kernels of a graph end the whole process over a shape that they do not expect."""
    wanted = found if info.dims is None else info.dims
    fits = len(wanted) == len(found) and all(
        one in (-1, other) for one, other in zip(wanted[1:], found[1:], strict=True)
    )
    if not fits:
        raise invalid(f"Expecting instances of shape {list(wanted[1:])} but got: {list(found[1:])}")


def _strings(values: list[Json]) -> Tensor:
    array = np.empty(len(values), np.object_)  # numpy would cut trailing zero bytes of anything but objects
    for position, value in enumerate(values):
        try:
            array[position] = _bytes(value)
        except ServingError as error:
            raise _in_row(position, error) from error
    return array


def _bytes(value: Json) -> bytes:
    if isinstance(value, str):
        return value.encode(*json_text.ENCODING)
    if not isinstance(value, dict):
        raise invalid(f"JSON Value: {shown(value)} is not of expected type: {STRING}")
    text = value.get("b64")
    if len(value) != 1 or isinstance(value, Repeating) or not isinstance(text, str):
        raise invalid(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    return base64_text.decode(text)


def _floats(values: list[Json]) -> Tensor:
    """All rows at once: an array for each would be larger than its text."""
    shape: list[int] = []
    numbers: list[Json] = []
    for position, value in enumerate(values):
        try:
            found, leaves = _flat(value)
            if position and found != shape:
                raise invalid(f"Expecting shape {shape} but got: {found}")
        except ServingError as error:
            raise _in_row(position, error) from error
        shape = found
        numbers += leaves
    with np.errstate(over="ignore"):  # a double beyond a float is infinite, as upstream
        return np.array(numbers, np.float64).astype(np.float32).reshape(len(values), *shape)


def _flat(value: Json) -> tuple[list[int], list[Json]]:
    """Shape and numbers of a value; the first list of each level tells how long the others are to be."""
    shape, level = [], [value]
    while level and isinstance(level[0], list):
        sizes = {len(each) if isinstance(each, list) else None for each in level}
        if sizes != {len(level[0])}:
            raise invalid(f"JSON Value: {shown(value)} is not a tensor: expected lists of {len(level[0])}")
        shape.append(len(level[0]))
        level = list(itertools.chain.from_iterable(cast("list[list[Json]]", level)))
    if len(shape) > MAX_RANK:
        raise invalid(f"Tensor has {len(shape)} dimensions; at most {MAX_RANK} are taken")
    if wrong := [each for each in level if type(each) not in (int, float)]:
        raise invalid(f"JSON Value: {shown(wrong[0])} is not of expected type: {FLOAT}")
    return shape, level


def _in_row(position: int, cause: ServingError) -> ServingError:
    return ServingError(
        cause.code, f"Failed to process element: {position} of 'instances' list. Error: {cause}"
    )


def shown(value: Json) -> str:
    """A value as error texts quote it: never a whole body, nor more of it written than is shown."""
    text = ""
    for piece in _ENCODER.iterencode(value):
        text += piece
        if len(text) > MAX_SHOWN:
            return f"{text[:MAX_SHOWN]}…"
    return text


def error_body(message: str) -> bytes:
    """Body of an error reply."""
    return json.dumps({"error": message}).encode()


def predictions(outputs: Mapping[str, Tensor]) -> bytes:
    """Body of a reply: one value a row for a single output, one object a row for several.

    Raises ServingError when the outputs do not share a first dimension.
    """
    rows = {len(array) if array.ndim else -1 for array in outputs.values()}
    if len(rows) != 1 or rows == {-1}:
        shapes = {name: array.shape for name, array in outputs.items()}
        raise invalid(f"Tensor has inconsistent batch size: expected one value a row of each, got {shapes}")
    columns = {name: _plain(array.tolist()) for name, array in outputs.items()}
    if len(columns) == 1:
        return json.dumps({"predictions": next(iter(columns.values()))}).encode()
    made = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return json.dumps({"predictions": made}).encode()


def _plain(values: Sequence[object]) -> list[object]:
    """A column with its byte strings as text."""
    return [
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else _plain(value)
        if isinstance(value, list)
        else value
        for value in values
    ]
