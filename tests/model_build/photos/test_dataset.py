"""Folders of photos: what is accepted, and what is refused with which words."""

import os
import shutil
from pathlib import Path

import pytest

from model_build.errors import BuildError
from model_build.photos import dataset
from model_build.photos.faces import EMOTIONS


def refusal(folder: Path) -> str:
    with pytest.raises(BuildError) as caught:
        dataset.find_photos(folder)
    return str(caught.value)


def test_photos_are_found_below_their_class_folder(folder: Path) -> None:
    (folder / "sad" / "more").mkdir()
    (folder / "sad" / "0.jpg").rename(folder / "sad" / "more" / "0.jpg")
    (folder / "sad" / ".DS_Store").write_text("")
    photos = dataset.find_photos(folder).photos
    assert [photo.label for photo in photos] == [label for label in sorted(EMOTIONS) for _ in range(10)]
    assert all(Path(photo.name).is_absolute() for photo in photos)


def test_the_folders_name_the_classes_in_the_order_of_their_names(folder: Path) -> None:
    (folder / "scared").rename(folder / "Zorn: rot & groß")
    assert dataset.find_photos(folder).classes == ("Zorn: rot & groß", "angry", "happy", "neutral", "sad")


@pytest.mark.parametrize("count", [0, 1, 1001])
def test_a_folder_with_too_few_or_too_many_classes_is_refused(count: int, tmp_path: Path) -> None:
    for number in range(count):
        (tmp_path / f"class-{number:04}").mkdir()
    named = {
        0: "none",
        1: "1 (class-0000)",
        1001: f"1001 ({', '.join(f'class-000{n}' for n in range(8))} and",
    }
    assert f"expected 2 to 1000 folders, one for each class, got {named[count]}" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("label", "label: an answer's own field"),
        ("error", "error: an answer's own field"),
        ("a\nb", "a\\nb: control characters or outer spaces"),
        (" sad", "control characters or outer spaces"),
        ("\udcff", "\\xff: not UTF-8"),
        ("ü" * 51, "longer than 100 bytes"),
    ],
)
def test_a_name_that_no_answer_can_hold_is_refused(folder: Path, name: str, why: str) -> None:
    (folder / "sad").rename(folder / name)
    assert why in refusal(folder)
    assert refusal(folder).endswith("; rename the folders")


def test_too_few_photos_of_a_class_are_counted(folder: Path) -> None:
    shutil.rmtree(folder / "happy")
    (folder / "happy").mkdir()
    (folder / "angry" / "0.jpg").unlink()
    assert (
        "expected at least 10 usable photos of each class, got too few (angry has 9, happy has 0)"
        in refusal(folder)
    )


def left_out(folder: Path) -> dict[str, str]:
    found = dataset.find_photos(folder)
    assert len(found.photos) >= 50
    return {str(each.path.relative_to(found.folder)): each.reason for each in found.left_out}


def test_what_programs_leave_beside_photos_is_left_out(folder: Path) -> None:
    for name in ("__MACOSX", "@eaDir", ".ipynb_checkpoints", "sad/@eaDir", "sad/.thumbnails"):
        (folder / name).mkdir()
        (folder / name / "0.jpg").write_bytes(b"x")
    for name in (".DS_Store", "sad/Thumbs.db", "happy/desktop.ini", "happy/._0.jpg", "angry/.DS_Store"):
        (folder / name).write_bytes(b"x")
    (folder / "README.txt").write_text("faces")
    assert left_out(folder) == {
        **dict.fromkeys(["__MACOSX", "@eaDir", ".ipynb_checkpoints", ".DS_Store"], dataset.HIDDEN),
        **dict.fromkeys(["sad/@eaDir", "sad/.thumbnails", "sad/Thumbs.db"], dataset.HIDDEN),
        **dict.fromkeys(["happy/desktop.ini", "happy/._0.jpg", "angry/.DS_Store"], dataset.HIDDEN),
        "README.txt": dataset.OUTSIDE,
    }


def test_folders_that_links_lead_to_are_read_once_and_never_in_a_circle(folder: Path, tmp_path: Path) -> None:
    (folder / "sad").rename(tmp_path / "elsewhere")
    (folder / "sad").symlink_to(tmp_path / "elsewhere")
    (folder / "sad" / "circle").symlink_to(folder)
    (folder / "sad" / "again").symlink_to(".")
    (folder / "sad" / "nowhere").symlink_to("none")
    (folder / "happy" / "link.jpg").symlink_to(folder / "happy" / "0.jpg")
    more = shutil.copytree(folder / "angry", tmp_path / "more")
    (folder / "angry" / "more").symlink_to(more)
    photos = [photo.name for photo in dataset.find_photos(folder).photos]
    assert len(photos) == 50 + 1 + 10
    assert str(folder.resolve() / "angry" / "more" / "0.jpg") in photos
    assert left_out(folder) == {
        "sad/circle": dataset.AGAIN,
        "sad/again": dataset.AGAIN,
        "sad/nowhere": dataset.NOWHERE,
    }


def test_what_is_no_file_is_left_out_by_what_it_is(folder: Path) -> None:
    os.mkfifo(folder / "sad" / "pipe.jpg")
    (folder / "sad" / "zero.jpg").symlink_to("/dev/zero")
    assert left_out(folder) == {"sad/pipe.jpg": "a named pipe", "sad/zero.jpg": "a device"}


def test_names_that_are_not_utf_8_are_kept_byte_by_byte(folder: Path, tmp_path: Path) -> None:
    odd = os.fsencode(folder) + b"/sad/M\xfcller \n.jpg"
    shutil.copy(folder / "sad" / "0.jpg", os.fsdecode(odd))
    (photo,) = (each for each in dataset.find_photos(folder).photos if os.fsencode(each.path) == odd)
    dataset.write_csv([photo], tmp_path / "emotions.csv")
    assert odd in (tmp_path / "emotions.csv").read_bytes()
