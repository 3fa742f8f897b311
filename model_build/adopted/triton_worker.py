"""Answer JSON requests of the Open Inference Protocol with an adopted graph, as Triton's stub process would.

Run as `python -m model_build.adopted.triton_worker VERSION VALUES QUESTIONS REPLIES` in a fresh process.
Reads the inputs and outputs as the server's JSON has them, and bodies by name; writes for each the reply, or
the error as text.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.triton.precisions import F32
from model_build.triton.worker import Tensor, backend

NUMPY = {
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    "BOOL": np.dtype(bool),
    "BYTES": np.dtype(object),
}
PROTOCOL = '{"inputs": [{"name": …, "shape": […], "datatype": …, "data": […]}]}'


Values = Mapping[str, Mapping[str, Any]]
"""Inputs or outputs by name: `dims` as clients see them, `reshape` for what the model sees without them."""


class RefusedError(Exception):
    """A request that the server would refuse; the text says why."""


@dataclass(frozen=True)
class Served:
    """A loaded model: what it takes and gives."""

    model: Any
    inputs: Values
    outputs: Values


def main(version: Path, values: Path, questions: Path, replies: Path) -> None:
    """Answer every request by itself."""
    sys.modules["triton_python_backend_utils"] = backend()
    served = loaded(version / "model.py", json.loads(values.read_text()))
    asked: Mapping[str, str] = json.loads(questions.read_text())
    replies.write_text(json.dumps({name: _answered(served, version, body) for name, body in asked.items()}))


def loaded(file: Path, values: Mapping[str, Sequence[Mapping[str, Any]]]) -> Served:
    """An instance of the model, told its inputs and outputs as the server tells them."""
    spec = importlib.util.spec_from_file_location("model", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = {"precision": F32, "threads": "1"}
    model = module.TritonPythonModel()
    parameters = {name: {"string_value": value} for name, value in told.items()}
    model.initialize({"model_config": json.dumps({"parameters": parameters, **values})})
    inputs, outputs = ({each["name"]: each for each in values[kind]} for kind in ("input", "output"))
    return Served(model, inputs, outputs)


def _answered(served: Served, version: Path, body: str) -> object:
    try:
        tensors = _tensors(served.inputs, body)
    except RefusedError as error:
        return str(error)
    (response,) = served.model.execute([tensors])
    if response.error:
        return str(response.error.message)
    outputs = [_output(each, served.outputs[each.name]) for each in response.output_tensors]
    return {"model_name": version.parent.name, "model_version": version.name, "outputs": outputs}


def _tensors(inputs: Values, body: str) -> tuple[Tensor, ...]:
    """The request's. Raises RefusedError."""
    try:
        given = {told["name"]: _array(told) for told in json.loads(body)["inputs"]}
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"expected {PROTOCOL}: {type(error).__name__}: {error}") from error
    if unknown := sorted(given.keys() - inputs.keys()):
        raise RefusedError(f"expected the inputs {', '.join(inputs)}, got {', '.join(unknown)}")
    return tuple(Tensor(name, _inside(inputs[name], array)) for name, array in given.items())


def _array(told: Mapping[str, Any]) -> NDArray[Any]:
    return np.array(told["data"], dtype=NUMPY[told["datatype"]]).reshape(told["shape"])


def _inside(value: Mapping[str, Any], array: NDArray[Any]) -> NDArray[Any]:
    """An input as the model sees it. Raises RefusedError for one of another shape than the server wants."""
    dims, got = value["dims"], array.shape[1:]
    if len(dims) != len(got) or any(want not in (-1, have) for want, have in zip(dims, got, strict=True)):
        wanted = ", ".join(["rows", *("any" if each == -1 else str(each) for each in dims)])
        raise RefusedError(f"input {value['name']}: expected the shape [{wanted}], got {list(array.shape)}")
    return array.reshape(len(array)) if "reshape" in value else array


def _output(tensor: Tensor, value: Mapping[str, Any]) -> dict[str, object]:
    """As the server tells it."""
    array = tensor.array.reshape(-1, 1) if "reshape" in value else tensor.array
    return {
        "name": tensor.name,
        "datatype": _datatype(array),
        "shape": list(array.shape),
        "data": _plain(array.ravel().tolist()),
    }


def _datatype(array: NDArray[Any]) -> str:
    return next((name for name, kind in NUMPY.items() if kind == array.dtype), "BYTES")


def _plain(values: Sequence[Any]) -> list[Any]:
    return [each.decode() if isinstance(each, bytes) else each for each in values]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
