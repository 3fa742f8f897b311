"""Answer JSON requests of the Open Inference Protocol with an adopted graph, as Triton's stub process would.

Run as `python -m model_build.adopted.triton_worker VERSION NAMES QUESTIONS REPLIES` in a fresh process. Reads
the names of inputs and outputs, and bodies by name; writes for each the reply, or the error as text.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.triton.precisions import F32
from model_build.triton.worker import Response, Tensor, backend

NUMPY = {
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    "BOOL": np.dtype(bool),
    "BYTES": np.dtype(object),
}
PROTOCOL = '{"inputs": [{"name": …, "shape": […], "datatype": …, "data": […]}]}'


def main(version: Path, names: Path, questions: Path, replies: Path) -> None:
    """Answer every request by itself."""
    sys.modules["triton_python_backend_utils"] = backend()
    model = loaded(version / "model.py", json.loads(names.read_text()))
    asked: Mapping[str, str] = json.loads(questions.read_text())
    replies.write_text(json.dumps({name: _answered(model, version, body) for name, body in asked.items()}))


def loaded(file: Path, names: Mapping[str, object]) -> Any:
    """An instance of the model, told the names of its inputs and outputs as the server tells them."""
    spec = importlib.util.spec_from_file_location("model", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = {"precision": F32, "threads": "1"}
    model = module.TritonPythonModel()
    parameters = {name: {"string_value": value} for name, value in told.items()}
    model.initialize({"model_config": json.dumps({"parameters": parameters, **names})})
    return model


def _answered(model: Any, version: Path, body: str) -> object:
    try:
        tensors = tuple(map(_tensor, json.loads(body)["inputs"]))
    except (ValueError, KeyError, TypeError) as error:
        return f"expected {PROTOCOL}: {type(error).__name__}: {error}"
    if unknown := sorted({tensor.name for tensor in tensors} - set(model.inputs)):
        return f"expected the inputs {', '.join(model.inputs)}, got {', '.join(unknown)}"
    (response,) = model.execute([tensors])
    if response.error:
        return str(response.error.message)
    return _reply(version, response)


def _tensor(told: Mapping[str, Any]) -> Tensor:
    kind, shape = NUMPY[told["datatype"]], told["shape"]
    return Tensor(told["name"], np.array(told["data"], dtype=kind).reshape(shape))


def _reply(version: Path, response: Response) -> dict[str, object]:
    outputs = [_output(each) for each in response.output_tensors]
    return {"model_name": version.parent.name, "model_version": version.name, "outputs": outputs}


def _output(tensor: Tensor) -> dict[str, object]:
    """As Triton tells it, for which one number a row is a dimension of 1; see `graph.Value.text`."""
    array = tensor.array
    return {
        "name": tensor.name,
        "datatype": _datatype(array),
        "shape": [*array.shape, 1] if array.ndim == 1 else list(array.shape),
        "data": _plain(array.ravel().tolist()),
    }


def _datatype(array: NDArray[Any]) -> str:
    return next((name for name, kind in NUMPY.items() if kind == array.dtype), "BYTES")


def _plain(values: Sequence[Any]) -> list[Any]:
    return [each.decode() if isinstance(each, bytes) else each for each in values]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
