"""Photos are drawn with a seed from real JPEG and PNG files, with the sizes of their bodies."""

import os
from pathlib import Path

import pytest

from bench.errors import OptionError
from bench.subject.payloads import Photo, choose, sizes

JPEG, PNG = b"\xff\xd8\xff\xe0 a photo", b"\x89PNG\r\n\x1a\n a drawing, longer"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "happy").mkdir()
    for number in range(6):
        (tmp_path / "happy" / f"{number}.jpg").write_bytes(JPEG)
        (tmp_path / f"{number}.anything").write_bytes(PNG)
    (tmp_path / "notes.jpg").write_text("not a photo")
    return tmp_path


def test_files_are_known_by_their_content(folder: Path) -> None:
    photos = choose(folder, seed=0)
    assert len(photos) == 12
    assert {photo.kind for photo in photos} == {"JPEG", "PNG"}
    assert "notes.jpg" not in {photo.name for photo in photos}


def test_one_seed_draws_the_same_photos(folder: Path) -> None:
    assert choose(folder, 1, count=5) == choose(folder, 1, count=5)
    assert choose(folder, 1, count=5) != choose(folder, 2, count=5)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--photos: expected a folder with JPEG or PNG files"):
        choose(tmp_path / "none", seed=0)


def test_a_photo_that_no_server_would_take_is_named_instead_of_read(folder: Path) -> None:
    with (folder / "huge\udcff.jpg").open("wb") as file:
        file.write(JPEG)
        file.truncate(300_000_000)
    with pytest.raises(OptionError) as caught:
        choose(folder, seed=0)
    assert str(caught.value) == (
        "--photos: expected photos, got huge\\xff.jpg: 300000000 bytes (at most 10485760); remove it"
    )


def test_any_name_of_a_photo_can_be_kept_in_a_summary(folder: Path) -> None:
    (folder / "M\udcfcller.jpg").write_bytes(JPEG)
    os.mkfifo(folder / "pipe.jpg")
    assert "M\\xfcller.jpg" in {photo.name for photo in choose(folder, seed=0)}


def test_sizes_are_those_of_the_bodies() -> None:
    photos = (Photo("a", "JPEG", JPEG), Photo("b", "PNG", PNG))
    found = sizes(photos, (b"1234", b"12"))
    assert found.formats == {"JPEG": 1, "PNG": 1}
    assert (found.least_bytes, found.mean_bytes, found.most_bytes) == (2, 3.0, 4)
