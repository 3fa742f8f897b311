"""The trained PyTorch network as an ONNX graph: one node a layer.

Not by torch.onnx, which takes seconds and two more packages to find out what eleven layers are. The proof
holds that the graph answers as the network did.
"""

from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from model_build.in_archive.contract import MODEL_NAME
from model_build.in_archive.signature import Signature
from model_build.torchserve.model import EmotionNet
from model_build.triton.network import INPUT, OUTPUT

OPSET, IR_VERSION = 17, 8  # old enough for ONNX Runtimes of the last years


def save(network: EmotionNet, signature: Signature, path: Path) -> None:
    """Write the graph. The same weights give the same bytes."""
    layers = [layer for layer in network.layers if not isinstance(layer, nn.Dropout)]
    values = [INPUT, *(f"layer{number}" for number in range(1, len(layers))), OUTPUT]
    nodes, weights = [], []
    for layer, before, after in zip(layers, values, values[1:], strict=False):
        operator, attributes = _operator(layer)
        held = {f"{after}.{name}": value for name, value in layer.state_dict().items()}
        nodes.append(helper.make_node(operator, [before, *held], [after], **attributes))
        weights += [numpy_helper.from_array(value.numpy(), name) for name, value in held.items()]
    onnx.save(_model(nodes, weights, signature), str(path))


def _operator(layer: nn.Module) -> tuple[str, dict[str, Any]]:
    match layer:
        case nn.Conv2d():
            return "Conv", {}  # its kernel is as large as the weights
        case nn.ReLU():
            return "Relu", {}
        case nn.MaxPool2d():
            return "MaxPool", {"kernel_shape": [layer.kernel_size] * 2, "strides": [layer.stride] * 2}
        case nn.Flatten():
            return "Flatten", {}
        case nn.Linear():
            return "Gemm", {"transB": 1}
        case nn.LogSoftmax():
            return "Softmax", {"axis": 1}  # the graph answers with probabilities
        case _:
            raise TypeError(f"{type(layer).__name__}: no ONNX operator is known for this layer")


def _model(nodes: list[onnx.NodeProto], weights: list[TensorProto], signature: Signature) -> onnx.ModelProto:
    side, channels = signature.sight
    pixels = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["rows", channels, side, side])
    answer = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["rows", len(signature.classes)])
    graph = helper.make_graph(nodes, MODEL_NAME, [pixels], [answer], weights)
    opset = helper.make_opsetid("", OPSET)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    onnx.checker.check_model(made)
    return made
