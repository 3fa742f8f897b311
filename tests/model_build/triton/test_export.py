"""The model repository, and its model driven as a stub process drives it."""

import ast
import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

from model_build import freshness
from model_build.photos.batches import Photos
from model_build.triton import proof
from model_build.triton.export import quantize
from model_build.triton.network import Network
from tests.model_build import example_photos as photos
from tests.model_build.conftest import CLASSES, Built
from tests.model_build.refused import refused

pytestmark = pytest.mark.slow

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


@pytest.fixture
def seen() -> Photos:
    """So many that calibration need not take all."""
    rng = np.random.default_rng(3)
    rows = np.arange(250)
    return Photos(rng.random((250, 100, 100), np.float32), rows % 5, train=rows, test=rows[:0])


def test_the_same_graph_and_photos_are_quantized_to_the_same_bytes(
    built: Built, seen: Photos, tmp_path: Path
) -> None:
    for name in ("once", "again"):
        quantize(built.version / "f32.onnx", tmp_path / name, seen)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_what_shares_a_photos_batch_does_not_change_its_answer(
    built: Built, seen: Photos, precision: str
) -> None:
    network = Network(built.version / f"{precision}.onnx", threads=1)
    dark, bright = seen.tensors[0] * np.float32(0.2), np.ones_like(seen.tensors[0])
    (alone,) = network.probabilities([dark])
    first, *_ = network.probabilities([dark, *[bright] * 7])
    assert first == pytest.approx(alone, abs=1e-5)


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
