"""Drawn faces as files."""

from pathlib import Path

import pytest

from model_build.errors import BuildError
from model_build.in_archive.contract import THESIS
from model_build.photos import drawing


def test_every_tenth_drawn_face_is_a_png(tmp_path: Path) -> None:
    photos = drawing.draw_faces(tmp_path / "dataset", per_class=10, seed=1, sight=THESIS).photos
    assert [photo.name for photo in photos[8:10]] == [
        "dataset/sad/sad-00008.jpg",
        "dataset/sad/sad-00009.png",
    ]
    assert photos[9].path.read_bytes().startswith(b"\x89PNG")
    assert photos[8].path.read_bytes().startswith(b"\xff\xd8")


def test_faces_for_which_the_disk_has_no_room_are_not_begun(tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"--out: expected \d+ MB free on the disk of .*, got \d+; free some"
    ):
        drawing.draw_faces(tmp_path / "dataset", per_class=10**12, seed=1, sight=THESIS)
    assert not list((tmp_path / "dataset").glob("*/*"))
