"""An ONNX graph that this project did not make, for Triton: what it takes and gives, in Triton's words."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime  # type: ignore[import-untyped]
from onnx import TensorProto

from base import files
from model_build.adopted.asked import Replies, refused
from model_build.adopted.requests import Requests
from model_build.child import finished
from model_build.errors import BuildError
from model_build.triton.precisions import F32

TYPES: dict[int, str] = {
    TensorProto.BOOL: "BOOL",
    TensorProto.DOUBLE: "FP64",
    TensorProto.FLOAT: "FP32",
    TensorProto.FLOAT16: "FP16",
    TensorProto.INT8: "INT8",
    TensorProto.INT16: "INT16",
    TensorProto.INT32: "INT32",
    TensorProto.INT64: "INT64",
    TensorProto.STRING: "STRING",
    TensorProto.UINT8: "UINT8",
    TensorProto.UINT16: "UINT16",
    TensorProto.UINT32: "UINT32",
    TensorProto.UINT64: "UINT64",
}


@dataclass(frozen=True)
class Value:
    """An input or output: Triton's type, and its dimensions behind the first, which counts rows; -1: any."""

    name: str
    kind: str
    dims: tuple[int, ...]

    @property
    def text(self) -> str:
        """As Triton's configuration names it."""
        reshaped = "" if self.dims else " reshape: { shape: [ ] }"
        dims = ", ".join(map(str, self.outside))
        return f'{{ name: "{self.name}" data_type: TYPE_{self.kind} dims: [ {dims} ]{reshaped} }}'

    @property
    def json(self) -> dict[str, object]:
        """The same as the server's JSON has it."""
        told: dict[str, object] = {"name": self.name, "dims": list(self.outside)}
        return told if self.dims else {**told, "reshape": {"shape": []}}

    @property
    def outside(self) -> tuple[int, ...]:
        """The dimensions that clients see: a value of one number a row has the dimension 1 for Triton."""
        return self.dims or (1,)


def place(source: Path, version: Path) -> None:
    """Check the graph, load it as the server does, copy it. Raises BuildError."""
    try:
        onnx.checker.check_model(str(source))
        onnxruntime.InferenceSession(str(source), providers=["CPUExecutionProvider"])
    except Exception as error:  # each library has errors of its own for every kind of damage
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise BuildError(
            f"--onnx: expected a graph that ONNX Runtime {onnxruntime.__version__} loads, got "
            f"{files.shown(source)}: {reason}"
        ) from error
    _require_whole(source)
    version.mkdir(parents=True)
    shutil.copy(source, version / f"{F32}.onnx")


def _require_whole(source: Path) -> None:
    """Raises BuildError for a graph that keeps weights in other files."""
    weights = onnx.load(str(source), load_external_data=False).graph.initializer
    if any(each.data_location == TensorProto.EXTERNAL for each in weights):
        raise BuildError(
            f"--onnx: expected a graph with its weights, got {files.shown(source)}, whose weights are in "
            "other files; write one file: onnx.save(onnx.load(FILE), FILE)"
        )


@dataclass(frozen=True)
class Described:
    """A graph's values as Triton's configuration has them, as text and as the server's JSON."""

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]

    @property
    def text(self) -> str:
        """Of the configuration."""
        groups = {"input": self.inputs, "output": self.outputs}
        return "\n".join(
            f"{kind} [ {', '.join(each.text for each in values)} ]" for kind, values in groups.items()
        )

    @property
    def json(self) -> dict[str, list[dict[str, object]]]:
        """What a model is told of them."""
        groups = {"input": self.inputs, "output": self.outputs}
        return {kind: [each.json for each in values] for kind, values in groups.items()}


def ask(version: Path, told: Described, wanted: Requests, work: Path) -> Replies:
    """Every request's answer by the graph in a fresh process. Raises BuildError for one that is refused."""
    values, questions, replies = (work / f"graph-{name}.json" for name in ("values", "questions", "replies"))
    values.write_text(json.dumps(told.json))
    questions.write_text(json.dumps({each.name: each.body.decode(errors="replace") for each in wanted.each}))
    paths = [str(path) for path in (version, values, questions, replies)]
    if code := finished([sys.executable, "-m", "model_build.adopted.triton_worker", *paths]):
        raise BuildError(f"--onnx: its model ended with code {code}; see above")
    found: dict[str, object] = json.loads(replies.read_text())
    for name, reply in found.items():
        if isinstance(reply, str):
            raise refused("the graph", name, reply)
    return found


def described(version: Path) -> Described:
    """What the graph takes and gives, printed too. Raises BuildError."""
    graph = onnx.load(str(version / f"{F32}.onnx"), load_external_data=False).graph
    held = {each.name for each in graph.initializer}
    inputs = tuple(_value("input", each) for each in graph.input if each.name not in held)
    outputs = tuple(_value("output", each) for each in graph.output)
    for kind, values in (("input", inputs), ("output", outputs)):
        for each in values:
            print(f"  {kind} {each.name}: {each.kind} {['rows', *each.dims]}", flush=True)
    return Described(inputs, outputs)


def _value(what: str, info: onnx.ValueInfoProto) -> Value:
    told = info.type.tensor_type
    if not info.type.HasField("tensor_type") or told.elem_type not in TYPES:
        raise BuildError(
            f"--onnx: {what} {info.name}: expected a tensor of numbers or strings, got "
            f"{info.type.WhichOneof('value')}; export it as one (scikit-learn: options={{'zipmap': False}})"
        )
    dims = tuple(each.dim_value if each.HasField("dim_value") else -1 for each in told.shape.dim)
    if not dims or dims[0] != -1:
        raise BuildError(
            f"--onnx: {what} {info.name}: expected a first dimension that counts rows and is open, got "
            f"{list(dims)}; export it with a dynamic first axis, so that requests can be put into one batch"
        )
    return Value(info.name, TYPES[told.elem_type], dims[1:])
