"""One tiny training through the real command, shared by every test that needs its exports."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from model_build.manifest import Manifest, load
from model_build.photos import face_drawing, faces
from model_build.photos.faces import EMOTIONS

PER_CLASS = 15
CLASSES = tuple(sorted(EMOTIONS))
"""Of a user's folder: in the order of their names."""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


@dataclass(frozen=True)
class Built:
    """What one run of the command left behind."""

    dataset: Path
    out: Path
    printed: str

    @property
    def manifest(self) -> Manifest:
        """The manifest it wrote."""
        return load(self.out / "manifest.json")

    @property
    def saved_model(self) -> Path:
        """The version folder that TensorFlow Serving loads."""
        return self.out / "tensorflow" / "emotions" / "1"

    @property
    def archive(self) -> Path:
        """The archive that TorchServe loads."""
        return self.out / "torchserve" / "emotions.mar"

    @property
    def version(self) -> Path:
        """The version folder that Triton loads."""
        return self.out / "triton" / "emotions" / "1"


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`python -m model_build` as a user runs it."""
    words = [sys.executable, "-m", "model_build", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def draw_folder(folder: Path, per_class: int = PER_CLASS, names: Sequence[str] = EMOTIONS) -> Path:
    """A user's folder: one sub-folder of photos for each class, whatever its name."""
    for index, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            face = faces.random_face(EMOTIONS[index % len(EMOTIONS)], number + 1000 * index, 7)
            (folder / name / f"{number}.jpg").write_bytes(face_drawing.encode(face, "JPEG"))
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A user's folder with one unreadable file in it, trained for one epoch."""
    root = tmp_path_factory.mktemp("model_build")
    dataset = draw_folder(root / "faces")
    (dataset / "sad" / "notes.txt").write_text("not a photo")
    done = command("--dataset", dataset, "--epochs", 1, "--out", root / "artifacts")
    assert done.returncode == 0, done.stderr
    return Built(dataset, root / "artifacts", done.stdout)
