"""What decides that an image must be built anew."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from embedded.mirror.recipe import (
    STAND_IN,
    Heartbeat,
    Image,
    Recipe,
    content_key,
    folder_digest,
    labels,
    open_to_all,
    with_bases,
)

IMAGE = Image("prom/prometheus", "v1", "upstream software, packaged by Debian", "two packages")


@dataclass(frozen=True)
class Constant:
    """An ingredient that is what it is told to be."""

    text: str

    def fingerprint(self) -> str:
        return self.text

    def place(self, context: Path, _: Heartbeat) -> None:
        (context / "constant").write_text(self.text)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return Recipe(IMAGE, tmp_path, "debian", (Constant("a"),))


def named(name: str, base: str | None = None) -> Recipe:
    return Recipe(replace(IMAGE, name=name), Path(), base)


def test_the_same_recipe_has_the_same_key(recipe: Recipe) -> None:
    assert content_key(recipe, {"debian": "k"}) == content_key(recipe, {"debian": "k"})


def test_a_change_of_anything_the_image_is_made_of_changes_its_key(recipe: Recipe) -> None:
    before = content_key(recipe, {"debian": "k"})
    changed = (
        content_key(recipe, {"debian": "another"}),
        content_key(replace(recipe, ingredients=(Constant("b"),)), {"debian": "k"}),
        content_key(replace(recipe, image=replace(IMAGE, tag="v2")), {"debian": "k"}),
        content_key(replace(recipe, image=replace(IMAGE, kind=STAND_IN)), {"debian": "k"}),
    )
    (recipe.folder / "Dockerfile").write_text("FROM scratch\nUSER 1\n")
    keys = {before, *changed, content_key(recipe, {"debian": "k"})}
    assert len(keys) == len(changed) + 2


def test_a_changed_mode_is_a_change(recipe: Recipe) -> None:
    before = folder_digest(recipe.folder)
    (recipe.folder / "Dockerfile").chmod(0o755)
    assert folder_digest(recipe.folder) != before


def test_a_context_has_modes_of_its_own_whatever_the_checkouts_are(tmp_path: Path) -> None:
    """Cloned under umask 077, its scripts and packages would be closed to the users of the image."""
    closed = {"Dockerfile": 0o600, "bin/run.sh": 0o700, "site/a.py": 0o640, "site/b.so": 0o770}
    for name, mode in closed.items():
        (tmp_path / name).parent.mkdir(mode=0o700, exist_ok=True)
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    (tmp_path / "link").symlink_to("/nowhere")
    before = folder_digest(tmp_path)
    open_to_all(tmp_path)
    modes = {str(path.relative_to(tmp_path)): path.lstat().st_mode & 0o7777 for path in tmp_path.rglob("*")}
    assert modes == {
        **{"bin": 0o755, "site": 0o755, "tmp": 0o1777, "link": 0o777},
        **{"Dockerfile": 0o644, "bin/run.sh": 0o755, "site/a.py": 0o644, "site/b.so": 0o755},
    }
    assert folder_digest(tmp_path) == before, "the key knows these modes"


def test_compiled_python_is_no_part_of_the_content(recipe: Recipe) -> None:
    before = folder_digest(recipe.folder)
    (recipe.folder / "__pycache__").mkdir()
    (recipe.folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert folder_digest(recipe.folder) == before


def test_an_image_brings_the_images_it_is_built_on_and_no_other() -> None:
    every = (named("debian"), named("tensorflow", "debian"), named("other"), named("serving", "tensorflow"))
    found = with_bases(["serving"], every)
    assert [recipe.image.name for recipe in found] == ["debian", "tensorflow", "serving"]


def test_a_stand_in_says_so_in_its_labels() -> None:
    said = labels(replace(IMAGE, kind=STAND_IN, detail="not the real one"), "k")
    assert said["org.opencontainers.image.description"] == "stand-in: not the real one"
    assert said["emotion-serving.mirror.kind"] == "stand-in"
