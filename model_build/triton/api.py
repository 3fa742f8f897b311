"""The part of Triton's Python backend that the model uses (triton_python_backend_utils), as types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray


class Tensor(Protocol):
    """A named array; of bytes objects where the model's configuration says TYPE_STRING."""

    def as_numpy(self) -> NDArray[Any]:
        """The values."""


class Request(Protocol):
    """One request of a batch."""

    def inputs(self) -> Sequence[Tensor]:
        """All that it holds."""


class Response(Protocol):
    """Outputs of one request, or its error."""
