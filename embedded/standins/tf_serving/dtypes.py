"""Tensors and signatures: what goes in and out of a model, by the names that clients use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.generic]
FLOAT, STRING = "float", "string"
_NAMES = {1: FLOAT, 7: STRING}


def name_of(number: int) -> str:
    """The name of a type in tensorflow.DataType; types that JSON rows are not read into keep their number."""
    return _NAMES.get(number, f"type {number}")


@dataclass(frozen=True)
class InputInfo:
    """What a signature says of one input; `tensor` is the graph's own name of it.

    `dims` are its dimensions, -1 where any size will do; None where it does not tell how many there are.
    """

    tensor: str
    dtype: str
    dims: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Signature:
    """A signature of a SavedModel; inputs and outputs (their tensors in the graph) by name."""

    name: str
    inputs: dict[str, InputInfo]
    outputs: dict[str, str]
