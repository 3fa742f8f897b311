"""Files become requests: one type for each server, images put into a template."""

import base64
import json
from pathlib import Path

import pytest

from model_build.adopted import requests
from model_build.errors import BuildError


def test_files_are_sent_as_they_are_with_a_type_by_their_extension(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("{}")
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / ".hidden").write_text("x")
    read = requests.read(tmp_path, "triton", None)
    assert read.content_type == "application/json"
    assert [(each.name, each.body) for each in read.each] == [("a.json", b"[]"), ("b.json", b"{}")]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.jpg", "image/jpeg"), ("a.txt", "text/plain"), ("a", "application/octet-stream")],
)
def test_the_extension_tells_the_type(name: str, content_type: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert requests.read(tmp_path, "triton", None).content_type == content_type


def test_a_server_has_requests_of_its_own_where_there_is_a_folder_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "triton").mkdir()
    (tmp_path / "triton" / "mine.json").write_text("{}")
    (tmp_path / "theirs.txt").write_text("x")
    assert [each.name for each in requests.read(tmp_path, "triton", None).each] == ["mine.json"]
    assert [each.name for each in requests.read(tmp_path, "tensorflow", None).each] == ["theirs.txt"]


def test_images_are_put_into_a_template(tmp_path: Path) -> None:
    photos, template = tmp_path / "photos", tmp_path / "body.json"
    photos.mkdir()
    (photos / "a.png").write_bytes(b"\x89PNG")
    (photos / "b.jpg").write_bytes(b"\xff\xd8")
    template.write_text('{"instances": [{"b64": "$IMAGE"}]}')
    read = requests.read(photos, "tensorflow", template)
    assert read.content_type == "application/json"
    assert [each.name for each in read.each] == ["a.png.json", "b.jpg.json"]
    sent = json.loads(read.each[0].body)["instances"][0]["b64"]
    assert base64.b64decode(sent) == b"\x89PNG"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), "--requests: expected 1 to 100 files in .*, one a request, got 0"),
        (tuple(f"{n}.json" for n in range(101)), "expected 1 to 100 files in .*, got 101"),
        (("a.json", "b.txt"), "expected files of one type, got application/json, text/plain in "),
    ],
)
def test_a_folder_that_makes_no_requests_is_refused(
    names: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    with pytest.raises(BuildError, match=says):
        requests.read(tmp_path, "triton", None)


def test_a_template_without_a_place_for_the_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    template = tmp_path.parent / "template.json"
    template.write_text("{}")
    with pytest.raises(
        BuildError, match=r"--template: expected \$IMAGE where an image's base64 belongs, got none in "
    ):
        requests.read(tmp_path, "triton", template)
