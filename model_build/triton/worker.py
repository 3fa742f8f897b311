"""Answer requests with an exported version folder, as Triton's stub process would.

Run as a script with that folder first on PYTHONPATH, so that its own copies are what runs. Reads a JSON list
of base64 texts; writes for each the probabilities or the error.
"""

import base64
import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tensor:
    """An input or output by its name."""

    name: str
    array: NDArray[Any]

    def as_numpy(self) -> NDArray[Any]:
        """The values."""
        return self.array


@dataclass(frozen=True)
class TritonError:
    """What a refused request is told."""

    message: str
    code: int
    INVALID_ARG = 3


@dataclass(frozen=True)
class Response:
    """Outputs, or an error."""

    output_tensors: tuple[Tensor, ...] | list[Tensor] = ()
    error: TritonError | None = None


Request = tuple[Tensor, ...]


def backend() -> ModuleType:
    """Stand-in for the module that a stub process brings, for proofs and tests."""
    module = ModuleType("triton_python_backend_utils")
    module.__dict__.update(
        Tensor=Tensor,
        TritonError=TritonError,
        InferenceResponse=Response,
        get_input_tensor_by_name=lambda request, name: next((t for t in request if t.name == name), None),
    )
    return module


def request(name: str, *elements: bytes) -> Request:
    """One request that holds so many images in one input."""
    return (Tensor(name, np.array(elements, dtype=np.object_)[:, np.newaxis]),)


def arguments(precision: str, most: int) -> dict[str, str]:
    """What the server tells a model of its configuration."""
    told = {"precision": precision, "threads": "1"}
    parameters = {name: {"string_value": value} for name, value in told.items()}
    config = json.dumps({"max_batch_size": most, "parameters": parameters})
    return {"model_config": config}


def main(precision: str, questions: Path, replies: Path) -> None:
    """Answer one batch."""
    sys.modules["triton_python_backend_utils"] = backend()
    loaded = importlib.import_module("model")
    contract = importlib.import_module("model_build.in_archive.contract").__file__
    if not Path(str(contract)).is_relative_to(Path(loaded.__file__ or "").parent):
        sys.exit(f"the repository's own contract.py was not used, but {contract}")
    texts = json.loads(questions.read_text())
    model = loaded.TritonPythonModel()
    model.initialize(arguments(precision, len(texts)))
    responses = model.execute([request("image", base64.b64decode(text)) for text in texts])
    replies.write_text(json.dumps([_plain(response) for response in responses]))


def _plain(response: Response) -> list[float] | str:
    if response.error:
        return response.error.message
    (output,) = response.output_tensors
    return [float(value) for value in output.array[0]]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
