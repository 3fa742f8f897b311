"""Models that are not ours: a linear classifier of four numbers as ONNX, and requests for it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHTS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def linear(rows: str | int = "rows", operator: str = "Softmax") -> onnx.ModelProto:
    """`x` (rows, 4) to `label` (rows) and `probabilities` (rows, 3)."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["scores"]),
        helper.make_node(operator, ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 4])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [rows]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [rows, 3]),
        ],
        [numpy_helper.from_array(WEIGHTS, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def doubling() -> onnx.ModelProto:
    """`x` (rows) to `twice` (rows)."""
    x, twice = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows"]) for name in ("x", "twice"))
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["twice"])], "doubling", [x], [twice])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def body(*rows: Sequence[float], name: str = "x") -> str:
    """A request of the Open Inference Protocol."""
    data = [number for row in rows for number in row]
    tensor = {"name": name, "shape": [len(rows), len(rows[0])], "datatype": "FP32", "data": data}
    return json.dumps({"inputs": [tensor]})


def write_requests(folder: Path) -> Path:
    """One of one row, one of two."""
    folder.mkdir()
    (folder / "one.json").write_text(body((1, 2, 3, 4)))
    (folder / "two.json").write_text(body((1, 2, 3, 4), (4, 3, 2, 1)))
    return folder
