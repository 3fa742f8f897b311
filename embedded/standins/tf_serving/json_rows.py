"""Predict bodies and replies in row format: `{"instances": [...]}` and `{"predictions": [...]}`.

Rules and the heads of error texts: tensorflow_serving/util/json_tensor.cc. JSON is the standard library's.
"""

import binascii
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from .dtypes import FLOAT, STRING, InputInfo, Tensor
from .errors import Code, ServingError, invalid

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Infos: TypeAlias = Mapping[str, InputInfo]
MAX_SHOWN = 100
MAX_RANK = 32


def document(body: bytes) -> dict[str, Json]:
    """The object that a body holds; raises ServingError for anything else."""
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        value: Json = json.loads(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise invalid("JSON Parse error: nested too deep") from error
    except ValueError as error:  # no JSON, no UTF-8, or a number of thousands of digits
        raise invalid(f"JSON Parse error: {error}") from error
    if not isinstance(value, dict):
        raise invalid(f"JSON Value: {shown(value)} Is not object")
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
        raise invalid("Missing 'inputs' or 'instances' key")
    instances = doc["instances"]
    if not isinstance(instances, list):
        raise invalid(f"Expecting 'instances' to be an list/array, got {shown(instances)}")
    if not instances:
        raise invalid("No values in 'instances' array")
    return instances


def _by_name(row: Json, infos: Infos) -> dict[str, Json]:
    """A row's values by input name: an object of all inputs, or the bare value of the only one."""
    if isinstance(row, dict) and (row.keys() == infos.keys() or "b64" not in row):
        if row.keys() != infos.keys():
            raise invalid(f"JSON object keys must be equal to: {','.join(sorted(infos))}, got {shown(row)}")
        return row
    if len(infos) > 1:
        raise invalid(f"expected an object of {','.join(sorted(infos))}, got {shown(row)}")
    return dict.fromkeys(infos, row)


def _array(values: list[Json], info: InputInfo) -> Tensor:
    if info.dtype == STRING:
        return _strings(values)
    if info.dtype == FLOAT:
        return _floats(values)
    text = f"This stand-in serves inputs of the types float and string, not {info.dtype}"
    raise ServingError(Code.UNIMPLEMENTED, text)


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
        return value.encode("utf-8", "surrogatepass")
    if not isinstance(value, dict):
        raise invalid(f"JSON Value: {shown(value)} is not of expected type: {STRING}")
    text = value.get("b64")
    if len(value) != 1 or not isinstance(text, str):
        raise invalid(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError as error:  # binascii.Error is one, so is a character beyond ASCII
        raise invalid("Unable to base64 decode") from error


def _floats(values: list[Json]) -> Tensor:
    parts = []
    for position, value in enumerate(values):
        try:
            parts.append(_float_row(value))
            if parts[position].shape != parts[0].shape:
                raise invalid(f"Expecting shape {parts[0].shape} but got: {parts[position].shape}")
        except ServingError as error:
            raise _in_row(position, error) from error
    return np.stack(parts)


def _float_row(value: Json) -> Tensor:
    try:
        array = np.array(value)
    except ValueError as error:  # a ragged list, or one nested deeper than arrays go
        raise invalid(f"JSON Value: {shown(value)} is not a tensor: {error}") from error
    if array.ndim > MAX_RANK:
        raise invalid(f"Tensor has {array.ndim} dimensions; at most {MAX_RANK} are taken")
    if array.size and array.dtype.kind not in "iuf":
        raise invalid(f"JSON Value: {shown(value)} is not of expected type: {FLOAT}")
    return array.astype(np.float32)


def _in_row(position: int, cause: ServingError) -> ServingError:
    return ServingError(
        cause.code, f"Failed to process element: {position} of 'instances' list. Error: {cause}"
    )


def shown(value: Json) -> str:
    """A value as error texts quote it: never a whole body."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deep to show)"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


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
