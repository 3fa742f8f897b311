"""What becomes of photos: tensors in their order, and nothing that could not be learnt from."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_build.errors import BuildError
from model_build.in_archive.contract import THESIS
from model_build.in_archive.preprocess import photo_tensor
from model_build.photos import dataset, reading
from model_build.photos.dataset import Found


def read(folder: Path, tmp_path: Path) -> tuple[Found, str]:
    return reading.read_photos(dataset.find_photos(folder), tmp_path / "tensors.npy", THESIS)


def left_out(found: Found) -> dict[str, str]:
    return {str(each.path.relative_to(found.folder)): each.reason for each in found.left_out}


def test_tensors_stand_in_the_order_of_the_photos_that_stay(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "sad" / "0.jpg", folder / "sad" / "1-a-copy.jpg")
    (folder / "happy" / "3.jpg").write_bytes(b"no photo")
    shutil.copy(folder / "happy" / "1.jpg", folder / "happy" / "new.jpg")
    (folder / "happy" / "new.jpg").write_bytes((folder / "happy" / "new.jpg").read_bytes() + b"more")
    found, _ = read(folder, tmp_path)
    tensors = np.load(tmp_path / "tensors.npy", mmap_mode="r")
    assert len(found.photos) == 49
    for row, photo in enumerate(found.photos):
        np.testing.assert_array_equal(tensors[row], photo_tensor(photo.path.read_bytes()))


def test_of_copies_one_stays_so_that_none_is_in_both_parts_of_the_split(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "sad" / "0.jpg", folder / "sad" / "copy.jpg")
    (folder / "sad" / "link.jpg").symlink_to("0.jpg")
    found, _ = read(folder, tmp_path)
    assert left_out(found) == dict.fromkeys(["sad/copy.jpg", "sad/link.jpg"], reading.COPY)
    assert len(found.photos) == 50


def test_a_photo_under_two_classes_teaches_neither(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "sad" / "0.jpg", folder / "happy" / "sad.jpg")
    found, _ = read(folder, tmp_path)
    assert left_out(found) == dict.fromkeys(["sad/0.jpg", "happy/sad.jpg"], reading.CONTRADICTION)
    with pytest.raises(BuildError, match=r"got too few \(sad has 9\)"):
        dataset.require_enough(found)


def test_files_beyond_any_photo_are_refused_unread(folder: Path, tmp_path: Path) -> None:
    with (folder / "sad" / "text.jpg").open("wb") as file:
        file.truncate(300_000_000)
    found, _ = read(folder, tmp_path)
    assert left_out(found) == {"sad/text.jpg": "300000000 bytes (at most 10485760)"}


def test_a_file_that_is_gone_when_its_turn_comes_is_left_out(folder: Path, tmp_path: Path) -> None:
    found = dataset.find_photos(folder)
    (folder / "sad" / "0.jpg").unlink()
    usable, _ = reading.read_photos(found, tmp_path / "tensors.npy", THESIS)
    assert left_out(usable) == {"sad/0.jpg": "No such file or directory"}


def test_a_folder_of_mostly_other_files_is_refused(folder: Path, tmp_path: Path) -> None:
    for number in range(8):
        (folder / "neutral" / f"{number}.gif").write_bytes(b"GIF89a")
    with pytest.raises(BuildError) as caught:
        read(folder, tmp_path)
    problem, reason = str(caught.value).splitlines()
    assert problem.endswith(", got 8 unusable files of 58; convert or remove them")
    assert reason.endswith(
        "got GIF; convert it to JPEG or PNG: neutral/0.gif, neutral/1.gif, neutral/2.gif and 5 more"
    )


def test_photos_for_which_the_disk_has_no_room_are_not_begun(folder: Path, tmp_path: Path) -> None:
    found = dataset.find_photos(folder)
    many = replace(found, photos=found.photos * 10**6)
    with pytest.raises(BuildError, match="--out: expected 2000200 MB free on the disk of "):
        reading.read_photos(many, tmp_path / "tensors.npy", THESIS)
    assert not (tmp_path / "tensors.npy").exists()


def test_the_dataset_digest_depends_on_bytes_and_labels_alone(folder: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert read(folder, tmp_path)[1] == read(moved, tmp_path)[1]
    (moved / "sad" / "0.jpg").rename(moved / "angry" / "zzz.jpg")
    (moved / "sad" / "new.jpg").write_bytes((moved / "angry" / "0.jpg").read_bytes() + b"more")
    (moved / "angry" / "0.jpg").unlink()
    assert read(moved, tmp_path)[1] != read(folder, tmp_path)[1]
