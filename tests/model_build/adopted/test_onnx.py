"""An ONNX graph that is not ours: adopted by the real command, or refused with what is wrong with it."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from model_build import manifest
from model_build.adopted import graph, triton_worker
from model_build.errors import BuildError
from model_build.triton.worker import Tensor, backend
from tests.model_build.adopted.foreign import WEIGHTS, body, doubling, linear, write_requests
from tests.model_build.conftest import command

pytestmark = pytest.mark.slow

FLAT = {"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}
VALUES: dict[str, list[dict[str, object]]] = {
    "input": [{"name": "x", "dims": [4]}],
    "output": [
        {"name": "label", "dims": [1], "reshape": {"shape": []}},
        {"name": "probabilities", "dims": [3]},
    ],
}


def adopt(tmp_path: Path, model: onnx.ModelProto | bytes, requests: Path | None = None) -> str:
    """What the command says of a model; its errors, or its output."""
    file = tmp_path / "model.onnx"
    file.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    folder = requests or write_requests(tmp_path / "requests")
    words = ("adopt", "--name", "linear", "--onnx", file, "--requests", folder, "--out", tmp_path / "out")
    done = command(*words)
    assert "Traceback" not in done.stderr
    assert (done.returncode == 0) == (tmp_path / "out").is_dir()
    return done.stdout if done.returncode == 0 else done.stderr


def test_it_is_inspected_asked_and_handed_on_under_its_own_name(tmp_path: Path) -> None:
    said = adopt(tmp_path, linear())
    for line in (
        "input x: FP32 ['rows', 4]",
        "output label: INT64 ['rows']",
        "triton: answered 2 of 2 requests",
    ):
        assert line in said
    out = tmp_path / "out"
    made = manifest.load(out / manifest.FILE)
    assert (made.name, list(made.exports)) == ("linear", ["triton"])
    export = made.exports["triton"]
    assert export.content_type == "application/json"
    assert 'name: "label" data_type: TYPE_INT64 dims: [ 1 ] reshape: { shape: [ ] }' in export.tensors
    assert manifest.damaged_files(made, out) == []
    assert sorted(path.name for path in (out / "requests" / "triton").iterdir()) == ["one.json", "two.json"]


def test_the_answers_are_kept_as_the_server_would_give_them(tmp_path: Path) -> None:
    adopt(tmp_path, linear())
    kept = json.loads((tmp_path / "out" / "answers" / "triton" / "two.json.json").read_text())
    assert (kept["model_name"], kept["model_version"]) == ("linear", "1")
    label, probabilities = kept["outputs"]
    assert (label["datatype"], label["shape"]) == ("INT64", [2, 1]), "as upstream's server answers"
    scores = np.exp(np.array([[1, 2, 3, 4], [4, 3, 2, 1]], dtype=np.float32) @ WEIGHTS)
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities["data"], expected.ravel(), rtol=1e-5)


def scikit_style() -> onnx.ModelProto:
    made = linear()
    made.graph.output[1].type.CopyFrom(onnx.helper.make_sequence_type_proto(made.graph.output[1].type))
    return made


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (
            linear(rows=1),
            "--onnx: input x: expected a first dimension that counts rows and is open, got [1, 4]",
        ),
        (linear(operator="Frobnicate"), "No Op registered for Frobnicate"),
        (b"no graph", "--onnx: expected a graph that ONNX Runtime"),
        (scikit_style(), "--onnx: expected a graph that ONNX Runtime"),
    ],
)
def test_a_model_that_cannot_be_served_says_what_is_wrong(
    model: onnx.ModelProto | bytes, says: str, tmp_path: Path
) -> None:
    said = adopt(tmp_path, model)
    assert says in said
    assert said.startswith("error: ")


def test_a_graph_whose_weights_are_in_another_file_is_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "parts.onnx")
    onnx.save(linear(), file, save_as_external_data=True, location="weights", size_threshold=0)
    with pytest.raises(BuildError, match=r"a graph with its weights, got .*, whose weights are in other"):
        graph.place(tmp_path / "parts.onnx", tmp_path / "version")


def test_an_output_that_is_no_tensor_is_refused_with_how_to_export_it() -> None:
    with pytest.raises(
        BuildError, match=r"output probabilities: expected a tensor .* got sequence_type; .*zipmap"
    ):
        graph._value("output", scikit_style().graph.output[1])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (body((1, 2, 3, 4), name="y"), "expected the inputs x, got y"),
        (body((1, 2, 3)), "input x: expected the shape [rows, 4], got [1, 3]"),
        ("{}", 'expected {"inputs": [{"name"'),
        ("junk", 'expected {"inputs": [{"name"'),
    ],
)
def test_a_request_that_the_model_refuses_is_named(text: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    (folder / "wrong.json").write_text(text)
    said = adopt(tmp_path, linear(), folder)
    assert "--requests: wrong.json: the graph gave no answer: " in said
    assert says in said


def test_an_input_of_one_number_a_row_has_the_shape_that_the_server_wants(tmp_path: Path) -> None:
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "two.json").write_text(body((1.5,), (2,)))
    adopt(tmp_path, doubling(), folder)
    kept = json.loads((tmp_path / "out" / "answers" / "triton" / "two.json.json").read_text())
    assert kept["outputs"] == [{"name": "twice", "datatype": "FP32", "shape": [2, 1], "data": [3.0, 4.0]}]
    (folder / "flat.json").write_text(json.dumps({"inputs": [FLAT]}))
    shutil.rmtree(tmp_path / "out")
    assert "flat.json: the graph gave no answer: input x: expected the shape [rows, 1], got [2]" in adopt(
        tmp_path, doubling(), folder
    )


def test_requests_of_a_batch_run_together_and_a_bad_one_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(tmp_path, linear())
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", backend())
    model = triton_worker.loaded(tmp_path / "out" / "triton" / "linear" / "1" / "model.py", VALUES).model
    good = (Tensor("x", np.ones((2, 4), np.float32)),)
    bad = (Tensor("x", np.ones((1, 3), np.float32)),)
    first, second = model.execute([good, (Tensor("x", np.ones((1, 4), np.float32)),)])
    assert [len(each.output_tensors[0].array) for each in (first, second)] == [2, 1]
    before, refused, after = model.execute([good, bad, good])
    assert refused.error
    for each in (before, after):
        np.testing.assert_allclose(each.output_tensors[1].array, first.output_tensors[1].array, rtol=1e-6)
