"""Folders of photos: what is accepted, and what is refused with which words."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from model_build.errors import BuildError
from model_build.in_archive.contract import CLASSES
from model_build.in_archive.preprocess import photo_tensor
from model_build.photos import dataset
from tests.model_build.conftest import draw_folder


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("drawn") / "photos", per_class=dataset.MINIMUM_PER_CLASS)


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """The smallest folder that is accepted, to change."""
    return shutil.copytree(drawn, tmp_path / "photos")


def refusal(folder: Path) -> str:
    with pytest.raises(BuildError) as caught:
        dataset.find_photos(folder)
    return str(caught.value)


def test_photos_are_found_below_their_class_folder(folder: Path) -> None:
    (folder / "sad" / "more").mkdir()
    (folder / "sad" / "0.jpg").rename(folder / "sad" / "more" / "0.jpg")
    (folder / "sad" / ".DS_Store").write_text("")
    photos = dataset.find_photos(folder)
    assert [photo.label for photo in photos] == [label for label in CLASSES for _ in range(10)]
    assert all(Path(photo.name).is_absolute() for photo in photos)


def test_an_unknown_class_folder_is_named(folder: Path) -> None:
    (folder / "joy").mkdir()
    assert refusal(folder) == (
        "--dataset: expected one folder for each class (sad, scared, neutral, happy, angry), got also joy; "
        "rename or move them"
    )


def test_a_missing_class_folder_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "scared")
    assert "got none for scared; add them" in refusal(folder)


def test_too_few_photos_of_a_class_are_counted(folder: Path) -> None:
    shutil.rmtree(folder / "happy")
    (folder / "happy").mkdir()
    (folder / "angry" / "0.jpg").unlink()
    assert (
        "expected at least 10 usable photos of each class, got too few (happy has 0, angry has 9)"
        in refusal(folder)
    )


def test_a_folder_of_mostly_other_files_is_refused(folder: Path, tmp_path: Path) -> None:
    for number in range(8):
        (folder / "neutral" / f"{number}.gif").write_bytes(b"GIF89a")
    with pytest.raises(BuildError) as caught:
        dataset.read_photos(dataset.find_photos(folder), tmp_path / "tensors.npy")
    words = str(caught.value)
    assert "got 8 unusable files of 58" in words
    assert "0.gif: expected a JPEG or PNG image, got GIF" in words
    assert "and 3 more" in words


def test_tensors_stand_in_the_order_of_the_photos(folder: Path, tmp_path: Path) -> None:
    found = dataset.find_photos(folder)
    photos, _ = dataset.read_photos(found, tmp_path / "tensors.npy")
    tensors = np.load(tmp_path / "tensors.npy")
    for row in (0, 17, 49):
        np.testing.assert_array_equal(tensors[row], photo_tensor(photos[row].path.read_bytes()))


def test_the_dataset_digest_depends_on_bytes_and_labels_alone(folder: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    first, same = (
        dataset.read_photos(dataset.find_photos(f), tmp_path / "t.npy")[1] for f in (folder, moved)
    )
    assert first == same
    (moved / "sad" / "0.jpg").rename(moved / "angry" / "zzz.jpg")
    (moved / "sad" / "new.jpg").write_bytes((moved / "angry" / "0.jpg").read_bytes())
    assert dataset.read_photos(dataset.find_photos(moved), tmp_path / "t.npy")[1] != first


def test_every_tenth_drawn_face_is_a_png(tmp_path: Path) -> None:
    photos = dataset.draw_faces(tmp_path / "dataset", per_class=10, seed=1)
    assert [photo.name for photo in photos[8:10]] == [
        "dataset/sad/sad-00008.jpg",
        "dataset/sad/sad-00009.png",
    ]
    assert photos[9].path.read_bytes().startswith(b"\x89PNG")
    assert photos[8].path.read_bytes().startswith(b"\xff\xd8")
