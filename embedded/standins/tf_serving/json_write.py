"""Prints arrays as upstream's predict replies, down to the float digits and the line breaks.

Source: tensorflow_serving/util/json_tensor.cc, MakeJsonFromTensors and WriteDecimal (rapidjson PrettyWriter).
"""

import base64
import json
import math
from collections.abc import Callable, Mapping

import numpy as np

from .dtypes import Tensor
from .errors import Code, ServingError, invalid

INDENT = "    "
Format = Callable[[object], str]


def error(message: str) -> bytes:
    """Body of an error reply."""
    return f'{{\n{INDENT}"error": {_quoted(message)}\n}}'.encode("utf-8", "surrogateescape")


def predictions(outputs: Mapping[str, Tensor]) -> bytes:
    """Row format: one value a row for a single output, one object a row for several.

    Raises ServingError when the outputs do not share a first dimension, or hold a type JSON has no form for.
    """
    rows = _batch_size(outputs)
    columns = {name: _row_texts(name, array) for name, array in outputs.items()}
    if len(columns) == 1:
        body = ", ".join(next(iter(columns.values())))
    else:
        keys = [f"{INDENT * 3}{_quoted(name)}: " for name in columns]
        objects = (
            ",\n".join(key + value for key, value in zip(keys, row, strict=True))
            for row in zip(*columns.values(), strict=True)
        )
        body = ",".join(f"\n{INDENT * 2}{{\n{each}\n{INDENT * 2}}}" for each in objects)
    end = f"\n{INDENT}" if rows else ""
    return f'{{\n{INDENT}"predictions": [{body}{end}]\n}}'.encode("utf-8", "surrogateescape")


def outputs(arrays: Mapping[str, Tensor]) -> bytes:
    """Columnar format: the value of a single output, an object of several."""
    if not arrays:
        raise invalid("Cannot convert empty tensor map to JSON")
    if len(arrays) == 1:
        name, array = next(iter(arrays.items()))
        body = _pretty(list(map(_format(name, array), array.ravel().tolist())), array.shape, 1)
    else:
        members = [
            f"{INDENT * 2}{_quoted(name)}: "
            + _pretty(list(map(_format(name, array), array.ravel().tolist())), array.shape, 2)
            for name, array in arrays.items()
        ]
        body = "{\n" + ",\n".join(members) + f"\n{INDENT}}}"
    return f'{{\n{INDENT}"outputs": {body}\n}}'.encode("utf-8", "surrogateescape")


def _batch_size(arrays: Mapping[str, Tensor]) -> int:
    if not arrays:
        raise invalid("Cannot convert empty tensor map to JSON")
    rows = -1
    for name, array in arrays.items():
        if array.ndim == 0:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if rows not in (-1, len(array)):
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {rows}")
        rows = len(array)
    return rows


def _row_texts(name: str, array: Tensor) -> list[str]:
    texts = list(map(_format(name, array), array.ravel().tolist()))
    for axis in range(array.ndim - 1, 0, -1):
        size, lists = array.shape[axis], math.prod(array.shape[:axis])
        texts = ["[" + ", ".join(texts[i * size : (i + 1) * size]) + "]" for i in range(lists)]
    return texts


def _pretty(texts: list[str], shape: tuple[int, ...], depth: int) -> str:
    if not shape:
        return texts[0]
    if not shape[0]:
        return "[]"
    step = len(texts) // shape[0]
    parts = (texts[i * step : (i + 1) * step] for i in range(shape[0]))
    inner = (_pretty(part, shape[1:], depth + 1) for part in parts)
    pad = "\n" + INDENT * (depth + 1)
    return f"[{pad}{f',{pad}'.join(inner)}\n{INDENT * depth}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _format(name: str, array: Tensor) -> Format:
    kind = array.dtype
    if kind in (np.float16, np.float32):
        return float32_text
    if kind == np.float64:
        return float64_text
    if kind == np.bool_:
        return lambda value: "true" if value else "false"
    if kind.kind in "iu":
        return str
    if kind.kind in "OSU":
        return _bytes_text if name.endswith("_bytes") else _string_text
    raise ServingError(Code.INVALID_ARGUMENT, f"Failed to write JSON value for tensor type: {kind.name}")


def float32_text(value: object) -> str:
    """A float with six significant digits, nine when six do not give the same float again."""
    assert isinstance(value, float)
    text = f"{value:.6g}"
    same = np.float32(text) == np.float32(value)
    return _decimal(text if same else f"{value:.9g}", value)


def float64_text(value: object) -> str:
    """A double with six significant digits, seventeen when six do not give the same double again."""
    assert isinstance(value, float)
    text = f"{value:.6g}"
    return _decimal(text if float(text) == value else f"{value:.17g}", value)


def _decimal(text: str, value: float) -> str:
    if value != value:  # noqa: PLR0124  # NaN
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return text if "." in text or "e" in text else text + ".0"


def _raw(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _bytes_text(value: object) -> str:
    return f'{{"b64": "{base64.b64encode(_raw(value)).decode()}"}}'


def _string_text(value: object) -> str:
    return _quoted(_raw(value).decode("utf-8", "surrogateescape"))
