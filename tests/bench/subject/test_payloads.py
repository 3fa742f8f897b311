"""Photos are drawn with a seed from real JPEG and PNG files, with the sizes of their bodies."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import OptionError
from bench.subject.payloads import Photo, choose, sizes, usual
from stack.outputs import Endpoint
from stack.servers.model import Model

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


def test_where_none_is_named_a_face_is_asked_or_an_adopted_models_first_request(tmp_path: Path) -> None:
    ours = Endpoint("triton", "triton", "image", None)
    adopted = replace(ours, model=Model("digits", "application/json"))
    for name in ("photos/b.jpg", "photos/a.jpg", "requests/triton/2.json", "requests/triton/1.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert usual(ours, tmp_path) == tmp_path / "photos" / "a.jpg"
    assert usual(adopted, tmp_path) == tmp_path / "requests" / "triton" / "1.json"
    with pytest.raises(OptionError, match=r"expected a photo, got none, and none is in .*; name one"):
        usual(ours, tmp_path / "none")


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
