"""What an image of the mirror is, and what decides its content."""

import hashlib
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal[
    "upstream software, packaged by Debian",
    "upstream software, built from its Go module",
    "upstream software from PyPI",
    "stand-in",
]
STAND_IN: Kind = "stand-in"

KEY_LABEL = "emotion-serving.mirror.key"
KIND_LABEL = "emotion-serving.mirror.kind"
_IGNORED = ("__pycache__",)


@dataclass(frozen=True)
class Image:
    """An image of the mirror under its upstream name, and whose software is in it."""

    name: str
    tag: str
    kind: Kind
    detail: str

    @property
    def reference(self) -> str:
        return f"{self.name}:{self.tag}"


Heartbeat = Callable[[float], None]


class Ingredient(Protocol):
    """Something a Dockerfile copies that is not kept beside it."""

    def fingerprint(self) -> str:
        """Changes whenever what `place` would put there changes."""

    def place(self, context: Path, still: Heartbeat) -> None:
        """Put it into the build context; `still` is called now and then with the step's seconds."""


@dataclass(frozen=True)
class Recipe:
    """How to build one image: its Dockerfile's folder, its base, what is fetched or built on the host.

    `needs_programs`: an ingredient is a program that the toolchain compiles. `optional`: built only when it
    is named, because no stack of the default needs it.
    """

    image: Image
    folder: Path
    base: str | None = None
    ingredients: tuple[Ingredient, ...] = ()
    needs_programs: bool = False
    optional: bool = False


def files_in(folder: Path) -> tuple[Path, ...]:
    """Every file below a folder but caches, in an order that does not depend on the file system."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(path for path in found if not set(_IGNORED) & set(path.parts)))


def open_to_all(folder: Path) -> None:
    """Modes as `folder_digest` knows them: neither a checkout's nor this process's umask reaches an image."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and not mode & stat.S_ISVTX):
            path.chmod(0o755 if stat.S_ISDIR(mode) or is_program(path) else 0o644)


def is_program(file: Path) -> bool:
    """The only part of a file's mode that counts."""
    return bool(file.stat().st_mode & stat.S_IXUSR)


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names, modes and contents of a folder's files."""
    total = hashlib.sha256()
    for file in files_in(folder):
        total.update(f"{file.relative_to(folder)}\0{is_program(file)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def content_key(recipe: Recipe, bases: Mapping[str, str]) -> str:
    """Sixteen hex digits that change with anything the image is made of.

    `bases` holds the keys of the images already looked at: a new base is a new image.
    """
    image = recipe.image
    base = bases[recipe.base] if recipe.base else ""
    parts = (image.name, image.tag, image.kind, image.detail, folder_digest(recipe.folder), base)
    fingerprints = (ingredient.fingerprint() for ingredient in recipe.ingredients)
    return hashlib.sha256("\0".join((*parts, *fingerprints)).encode()).hexdigest()[:16]


def labels(image: Image, key: str) -> dict[str, str]:
    """What the image says about itself; images built on top of it inherit it."""
    return {
        KEY_LABEL: key,
        KIND_LABEL: image.kind,
        "org.opencontainers.image.title": image.name,
        "org.opencontainers.image.version": image.tag,
        "org.opencontainers.image.description": f"{image.kind}: {image.detail}",
    }


def with_bases(wanted: Iterable[str], recipes: tuple[Recipe, ...]) -> tuple[Recipe, ...]:
    """The recipes of the wanted images and of what they are built on, in the order of `recipes`."""
    by_name = {recipe.image.name: recipe for recipe in recipes}
    needed: set[str] = set()
    for name in wanted:
        step: str | None = name
        while step is not None and step not in needed:
            needed.add(step)
            step = by_name[step].base
    return tuple(recipe for recipe in recipes if recipe.image.name in needed)
