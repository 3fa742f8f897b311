"""What Triton's Python backend runs for an adopted ONNX graph: its inputs and outputs as they are.

Travels as model.py of the version folder; Python 3.9.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import triton_python_backend_utils as backend  # type: ignore[import-not-found]  # the server's own
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model_build.triton.api import Request, Response

    Arrays = dict[str, NDArray[Any]]


class TritonPythonModel:
    """One instance of the model."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the graph with the threads that config.pbtxt tells, which sleep while idle."""
        config = json.loads(args["model_config"])
        told = {name: each["string_value"] for name, each in config["parameters"].items()}
        self.inputs = [each["name"] for each in config["input"]]
        self.outputs = [each["name"] for each in config["output"]]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(told["threads"])
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        file = Path(__file__).with_name(f"{told['precision']}.onnx")
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.types = {each.name: each.type for each in self.session.get_inputs()}

    def execute(self, requests: list[Request]) -> list[Response]:
        """One response for each request, in order: all in one run, or each alone where they do not fit."""
        asked = [self._arrays(request) for request in requests]
        if len(asked) > 1:
            try:
                return self._together(asked)
            except Exception:  # of other shapes, or one of them is wrong: it must not fail its neighbours
                pass
        return [self._alone(arrays) for arrays in asked]

    def _arrays(self, request: Request) -> Arrays:
        found = {name: backend.get_input_tensor_by_name(request, name) for name in self.inputs}
        return {name: self._fitted(name, tensor.as_numpy()) for name, tensor in found.items() if tensor}

    def _fitted(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        """ONNX Runtime wants strings as text, which Triton hands over as bytes."""
        if self.types[name] != "tensor(string)":
            return array
        texts = [each.decode() if isinstance(each, bytes) else str(each) for each in array.ravel()]
        return np.array(texts, dtype=np.object_).reshape(array.shape)

    def _together(self, asked: list[Arrays]) -> list[Response]:
        joined = {name: np.concatenate([each[name] for each in asked]) for name in self.inputs}
        outputs = self.session.run(self.outputs, joined)
        ends = np.cumsum([len(each[self.inputs[0]]) for each in asked])
        parts = [np.split(output, ends[:-1]) for output in outputs]
        return [self._response([part[number] for part in parts]) for number in range(len(asked))]

    def _alone(self, arrays: Arrays) -> Response:
        try:
            return self._response(self.session.run(self.outputs, arrays))
        except Exception as error:
            told = backend.TritonError(str(error), backend.TritonError.INVALID_ARG)
            response: Response = backend.InferenceResponse(error=told)
            return response

    def _response(self, outputs: list[NDArray[Any]]) -> Response:
        tensors = [backend.Tensor(name, each) for name, each in zip(self.outputs, outputs)]  # noqa: B905
        response: Response = backend.InferenceResponse(tensors)
        return response
