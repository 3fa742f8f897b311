"""The command as a user runs it, from a folder of photos to proven exports."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_build import manifest, pipeline
from model_build.in_archive.contract import CLASSES
from model_build.plan import DEFAULT_SEED, make_plan
from tests.model_build.conftest import PER_CLASS, Built, command

PHOTOS = PER_CLASS * len(CLASSES)


def test_the_manifest_describes_what_was_built(built: Built) -> None:
    made = built.manifest
    assert (made.name, made.version, made.seed) == ("emotions", 1, 123)
    assert made.classes == ("sad", "scared", "neutral", "happy", "angry")
    assert made.dataset.source == "faces"
    assert (made.dataset.train, made.dataset.test) == (PHOTOS * 6 // 10, PHOTOS * 4 // 10)
    for export in (made.tensorflow, made.torchserve, made.triton):
        assert 0 < export.test_accuracy <= 1
        assert len(export.digest) == 64
    assert {library.name for library in made.libraries} >= {"tensorflow", "torch", "keras"}
    assert manifest.damaged_files(made, built.out) == []


def test_the_csv_lists_every_usable_photo_with_its_label(built: Built) -> None:
    with (built.out / "emotions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PHOTOS
    assert all(Path(row["image_path"]).parent.name == row["label"] for row in rows)


def test_an_unreadable_file_is_named_and_left_out(built: Built) -> None:
    assert f"left out 1 unusable files of {PHOTOS + 1}" in built.printed
    assert "notes.txt: expected a JPEG or PNG image, got unknown data" in built.printed


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
    first = getattr(built.manifest, server)
    accuracies = first.train_accuracy, first.test_accuracy
    assert manifest.describe_export(tmp_path / "out", server, *accuracies) == first
    if server == "torchserve":
        assert (tmp_path / "network.onnx").read_bytes() == (built.version / "f32.onnx").read_bytes()


def heed_interrupts() -> None:
    """A shell makes its background jobs ignore SIGINT, and their children with them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_interrupting_leaves_the_old_artefacts_and_no_litter(built: Built, tmp_path: Path) -> None:
    out = tmp_path / "artifacts"
    out.mkdir()
    before = json.dumps({"old": True})
    (out / "manifest.json").write_text(before)
    words = [sys.executable, "-m", "model_build", "--dataset", str(built.dataset), "--out", str(out)]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no other thread runs here
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("TensorFlow: train"):
            break
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().endswith("is as it was before")
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["artifacts"]
    assert (out / "manifest.json").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "x"], "expected an integer of at least 0, got 'x'"),
        (["--epochs", "0"], "expected an integer of at least 1, got '0'"),
        (["--dataset", "/nowhere"], "--dataset: expected a folder, got /nowhere"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = command(*arguments, "--out", tmp_path / "out")
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
