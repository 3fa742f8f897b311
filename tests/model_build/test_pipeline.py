"""The command as a user runs it, from a folder of photos to proven exports."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_build import manifest, pipeline
from model_build.plan import DEFAULT_SEED, make_plan
from tests.model_build.conftest import CLASSES, PER_CLASS, Built, command

pytestmark = pytest.mark.slow

PHOTOS = PER_CLASS * len(CLASSES)


def test_the_manifest_describes_what_was_built(built: Built) -> None:
    made = built.manifest
    assert (made.name, made.version, made.seed) == ("emotions", 1, 123)
    assert made.classes == ("angry", "happy", "neutral", "sad", "scared")
    assert made.dataset
    assert made.dataset.source == "faces"
    assert (made.dataset.train, made.dataset.test) == (PHOTOS * 6 // 10, PHOTOS * 4 // 10)
    assert list(made.exports) == ["tensorflow", "torchserve", "triton"]
    for export in made.exports.values():
        assert export.test_accuracy
        assert 0 < export.test_accuracy <= 1
        assert len(export.digest) == 64
    assert {library.name for library in made.libraries} >= {"tensorflow", "torch", "keras"}
    assert manifest.damaged_files(made, built.out) == []


def test_the_csv_lists_every_usable_photo_with_its_label(built: Built) -> None:
    with (built.out / "emotions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PHOTOS
    assert all(Path(row["image_path"]).parent.name == row["label"] for row in rows)


def test_what_is_learnt_from_and_what_is_left_out_is_said_before_the_training(built: Built) -> None:
    summary, _, training = built.printed.partition("TensorFlow: train and export ...")
    assert f"{PHOTOS} photos, {PHOTOS * 6 // 10} to train and {PHOTOS * 4 // 10} to test:" in summary
    assert "left out, 1 in all:" in summary
    assert "got text; send the photo itself: sad/notes.txt" in summary
    assert training


def test_the_evaluation_tells_recall_by_class_and_in_the_mean(built: Built) -> None:
    for framework in ("TensorFlow", "PyTorch"):
        pattern = rf"^{framework}: train .*% right; recall \d+\.\d% in the mean of the classes$"
        found = re.search(pattern, built.printed, re.MULTILINE)
        assert found
        classes = built.printed[found.end() :].splitlines()[1 : len(CLASSES) + 1]
        assert [line.split()[:2] for line in classes] == [[label, "recall"] for label in CLASSES]


def test_both_frameworks_draw_their_curves_and_confusion(built: Built) -> None:
    for name in ("tensorflow", "pytorch"):
        for plot in ("learning", "confusion"):
            with Image.open(built.out / f"{plot}-{name}.png") as image:
                assert image.width > 400
                assert len(np.unique(np.asarray(image.convert("L")))) > 20, "something is drawn"


def test_photos_for_requests_come_in_both_formats(built: Built) -> None:
    names = [path.name for path in (built.out / "photos").iterdir()]
    assert {name.split("-")[0] for name in names} == set(CLASSES)
    assert {Path(name).suffix for name in names} == {".jpg", ".png"}


@pytest.mark.parametrize(
    ("server", "train"),
    [("tensorflow", pipeline.train_tensorflow), ("torchserve", pipeline.train_torchserve)],
)
def test_the_same_photos_and_seed_give_the_same_export(
    built: Built, server: str, train: Callable[[Path], None], tmp_path: Path
) -> None:
    """Nothing of the clock, the folder or chance is in a model or its digest."""
    plan = make_plan(built.dataset, full=False, seed=DEFAULT_SEED, epochs=1)
    (tmp_path / "out").mkdir()
    assert pipeline.prepare(plan, tmp_path) == built.manifest.dataset
    train(tmp_path)
    first = built.manifest.exports[server]
    accuracies = first.train_accuracy, first.test_accuracy
    assert manifest.describe_export(tmp_path / "out", server, *accuracies) == first
    if server == "torchserve":
        assert (tmp_path / "network.onnx").read_bytes() == (built.version / "f32.onnx").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "x"], "expected an integer of at least 0, got 'x'"),
        (["--epochs", "0"], "expected an integer of at least 1, got '0'"),
        (["--side", "15"], "argument --side: expected an integer from 16 to 224, got '15'"),
        (["--side", "225"], "argument --side: expected an integer from 16 to 224, got '225'"),
        (["--dataset", "/nowhere"], "--dataset: expected a folder, got /nowhere"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = command(*arguments, "--out", tmp_path / "out")
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
