"""The model repository, and its model driven as a stub process drives it."""

import ast
import base64
import json
import re
from pathlib import Path

import pytest

from model_build import freshness
from model_build.triton import proof
from model_build.triton.export import quantize
from tests.model_build import example_photos as photos
from tests.model_build.conftest import CLASSES, Built
from tests.model_build.refused import refused

MODEL_BUILD = Path(freshness.__file__).parent
IMAGE = MODEL_BUILD.parent / "images" / "triton"


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_each_broken_image_of_a_batch_gets_its_own_error(
    built: Built, precision: str, tmp_path: Path
) -> None:
    batch = [photos.jpeg(), *(data for data, _ in refused().values()), photos.jpeg()]
    questions, replies = tmp_path / "questions", tmp_path / "replies"
    questions.write_text(json.dumps([base64.b64encode(data).decode() for data in batch]))
    proof.ask(built.version, precision, questions, replies)
    first, *broken, last = json.loads(replies.read_text())
    assert broken == [words for _, words in refused().values()]
    assert first == pytest.approx(last, abs=1e-6)
    assert (len(first), sum(first)) == (len(CLASSES), pytest.approx(1, abs=1e-5))


def test_the_manifest_tells_every_precision(built: Built) -> None:
    made = built.manifest.exports["triton"]
    assert [each.precision for each in made.networks] == ["f32", "int8"]
    assert {each.path for each in made.networks} < {file.path for file in made.files}
    assert made.networks[0].test_accuracy == pytest.approx(made.test_accuracy)
    assert all(each.agreement and each.agreement >= 0.99 for each in made.networks)
    assert "int8: 8.0 MB" in built.printed


def test_the_same_graph_is_quantized_to_the_same_bytes(built: Built, tmp_path: Path) -> None:
    quantize(built.version / "f32.onnx", tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (built.version / "int8.onnx").read_bytes()


def test_the_repository_carries_what_its_model_imports_and_nothing_else_of_us(built: Built) -> None:
    carried = {path.relative_to(built.version).as_posix() for path in built.version.rglob("*.py")}
    shared = (path.name for path in (MODEL_BUILD / "in_archive").glob("*.py"))
    wanted = {"__init__.py", "triton/__init__.py", "triton/network.py", *(f"in_archive/{n}" for n in shared)}
    assert carried == {"model.py", *(f"model_build/{name}" for name in wanted)}
    for path in built.version.rglob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 9))
    assert (built.version.parent / "labels.txt").read_text().split() == list(CLASSES)


def test_the_image_runs_the_network_in_the_version_that_proved_it() -> None:
    pinned = re.search(r"^onnxruntime==(\S+)", (IMAGE / "requirements.txt").read_text(), re.MULTILINE)
    lock = (MODEL_BUILD.parent / "requirements.lock").read_text()
    assert pinned
    assert f"\nonnxruntime=={pinned[1]} \\\n" in lock
