"""A Keras image classifier as SavedModel: asked through a server of its own, or refused with the reason."""

import json
from pathlib import Path

import keras  # type: ignore[import-untyped]
import numpy as np
import pytest

from model_build import manifest
from tests.model_build.conftest import command

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras") / "model"
    pixels = keras.Input((8, 8, 1))
    layers = [keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    keras.Sequential([pixels, *layers]).export(str(folder), verbose=False)
    return folder


def adopt(model: Path, bodies: dict[str, object], tmp_path: Path) -> str:
    folder = tmp_path / "requests"
    folder.mkdir()
    for name, body in bodies.items():
        (folder / name).write_text(json.dumps(body))
    words = (
        "adopt",
        "--name",
        "tiles",
        "--savedmodel",
        model,
        "--requests",
        folder,
        "--out",
        tmp_path / "out",
    )
    done = command(*words)
    assert "Traceback" not in done.stderr
    return done.stdout if done.returncode == 0 else done.stderr


def test_it_is_asked_as_tensorflow_serving_would_be(model: Path, tmp_path: Path) -> None:
    said = adopt(model, {"a.json": {"instances": np.ones((2, 8, 8, 1)).tolist()}}, tmp_path)
    assert "float32 (None, 8, 8, 1)" in said
    kept = json.loads((tmp_path / "out" / "answers" / "tensorflow" / "a.json.json").read_text())
    assert np.shape(kept["predictions"]) == (2, 3)
    assert np.sum(kept["predictions"]) == pytest.approx(2, abs=1e-5)
    made = manifest.load(tmp_path / "out" / manifest.FILE)
    assert (made.name, list(made.exports)) == ("tiles", ["tensorflow"])
    assert (tmp_path / "out" / "tensorflow" / "tiles" / "1" / "saved_model.pb").is_file()
    assert not list((tmp_path / "out").rglob("*.log"))


def test_a_request_of_another_shape_is_named(model: Path, tmp_path: Path) -> None:
    said = adopt(model, {"small.json": {"instances": [[1.0]]}}, tmp_path)
    assert "--requests: small.json: TensorFlow Serving gave no answer: HTTP 400: " in said
    assert "Expecting instances of shape [8, 8, 1] but got: [1]" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"cut off", "--savedmodel: expected a SavedModel that TensorFlow "),
        (None, "--savedmodel: expected a folder with saved_model.pb, or with version folders that have one"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(content: bytes | None, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    if content:
        (folder / "saved_model.pb").write_bytes(content)
    assert says in adopt(folder, {"a.json": {}}, tmp_path)
    assert not (tmp_path / "out").exists()
