"""Tensor types as both protocols name them (tensorflow/core/framework/types.proto, DataTypeString)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

Tensor = NDArray[np.generic]


@dataclass(frozen=True)
class DType:
    """A tensor type: its name in error texts, its numpy type, and the kind of JSON value it takes."""

    name: str
    numpy: DTypeLike
    kind: str  # float, int, bool, string, or "" where JSON has no form for it


_BY_NUMBER = {
    1: DType("float", np.float32, "float"),
    2: DType("double", np.float64, "float"),
    3: DType("int32", np.int32, "int"),
    4: DType("uint8", np.uint8, "int"),
    5: DType("int16", np.int16, "int"),
    6: DType("int8", np.int8, "int"),
    7: DType("string", np.object_, "string"),
    9: DType("int64", np.int64, "int"),
    10: DType("bool", np.bool_, "bool"),
    19: DType("half", np.float16, ""),
    22: DType("uint32", np.uint32, "int"),
    23: DType("uint64", np.uint64, "int"),
}


def of(number: int) -> DType:
    """Type with this number in tensorflow.DataType; types without a JSON form keep only a name."""
    return _BY_NUMBER.get(number, DType(f"type {number}", np.object_, ""))


@dataclass(frozen=True)
class InputInfo:
    """What a signature says of one input; `tensor` is the graph's own name of it."""

    tensor: str
    dtype: DType


@dataclass(frozen=True)
class Signature:
    """A signature of a SavedModel: what goes in and out, by the names that clients use."""

    name: str
    inputs: dict[str, InputInfo]
    outputs: dict[str, str]  # client's name → graph's tensor name
    method: str
