"""The user's folder: photos with their labels, and what lies beside them. Described by emotions.csv."""

import csv
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from base.files import kind, shown
from model_build.errors import BuildError
from model_build.in_archive.contract import CLASSES

MINIMUM_PER_CLASS = 10
"""Four of ten go to the test split: fewer say nothing."""
HIDDEN = "hidden, or left by another program"
OUTSIDE = "beside the folders of the classes"
NOWHERE = "a link that leads nowhere"
AGAIN = "a folder that is read already by another way"
_LEFT_BY_PROGRAMS = frozenset(
    {"__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"}
    | {"__pycache__", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "picasa.ini"}
)
"""Of macOS, Synology, Windows, Linux and photo viewers; in small letters."""

Place = tuple[int, int]
"""What a folder is, by whichever way it was reached: its device and number there."""


@dataclass(frozen=True)
class Photo:
    """`name` stands in emotions.csv: absolute for the user's photos, relative to the csv for drawn ones."""

    path: Path
    name: str
    label: str


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is no photo to learn from."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Found:
    """A folder's photos, and what else is in it."""

    folder: Path
    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_photos(folder: Path) -> Found:
    """Every file of the class folders. Raises BuildError when a folder is missing, unknown or too empty."""
    if not folder.is_dir():
        raise BuildError(
            f"--dataset: expected a folder, got {shown(folder)}; give one that holds a folder per class"
        )
    entries = sorted(folder.resolve().iterdir())
    ours = [entry for entry in entries if not _is_foreign(entry.name)]
    _require_classes([entry.name for entry in ours if entry.is_dir()])
    found = [LeftOut(entry, HIDDEN) for entry in entries if _is_foreign(entry.name)]
    found += [LeftOut(entry, OUTSIDE) for entry in ours if not entry.is_dir()]
    photos = list[Photo]()
    for label in CLASSES:
        for item in _walk(folder.resolve() / label, {_place(folder.stat())}):
            if isinstance(item, LeftOut):
                found.append(item)
            else:
                photos.append(Photo(item, str(item), label))
    require_enough(photos)
    return Found(folder.resolve(), tuple(photos), tuple(found))


def require_enough(photos: Sequence[Photo]) -> None:
    """Raises BuildError naming every class with fewer than MINIMUM_PER_CLASS photos."""
    counts = Counter(photo.label for photo in photos)
    short = [f"{label} has {counts[label]}" for label in CLASSES if counts[label] < MINIMUM_PER_CLASS]
    if short:
        raise BuildError(
            f"--dataset: expected at least {MINIMUM_PER_CLASS} usable photos of each class, got too few "
            f"({', '.join(short)}); add photos"
        )


def write_csv(photos: Sequence[Photo], path: Path) -> None:
    """The thesis's emotions.csv: columns image_path, label. A name keeps its bytes, UTF-8 or not."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image_path", "label"))
        writer.writerows((photo.name, photo.label) for photo in photos)


def label_numbers(photos: Sequence[Photo]) -> NDArray[np.int64]:
    """Each photo's class number, in contract order."""
    return np.array([CLASSES.index(photo.label) for photo in photos], dtype=np.int64)


def _require_classes(names: list[str]) -> None:
    expected = "expected one folder for each class (" + ", ".join(CLASSES) + ")"
    if unknown := sorted(set(names) - set(CLASSES)):
        raise BuildError(
            f"--dataset: {expected}, got also {', '.join(map(shown, unknown))}; rename or move them"
        )
    if missing := [name for name in CLASSES if name not in names]:
        raise BuildError(f"--dataset: {expected}, got none for {', '.join(missing)}; add them")


def _walk(folder: Path, read: set[Place]) -> Iterator[Path | LeftOut]:
    """Every file below a folder; links are followed, to no folder twice: `read` knows those of this class."""
    try:
        status, entries = folder.stat(), sorted(folder.iterdir())
    except OSError as error:
        yield LeftOut(folder, error.strerror or str(error))
        return
    if _place(status) in read:
        yield LeftOut(folder, AGAIN)
        return
    read.add(_place(status))
    for path in entries:
        if reason := _obstacle(path):
            yield LeftOut(path, reason)
        elif path.is_dir():
            yield from _walk(path, read)
        else:
            yield path


def _obstacle(path: Path) -> str:
    """Why a file or folder is left out before it is opened; empty if it is not."""
    if _is_foreign(path.name):
        return HIDDEN
    try:
        status = path.stat()
    except OSError as error:
        return NOWHERE if path.is_symlink() else error.strerror or str(error)
    return "" if stat.S_ISDIR(status.st_mode) else kind(status.st_mode)


def _is_foreign(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LEFT_BY_PROGRAMS


def _place(status: os.stat_result) -> Place:
    return status.st_dev, status.st_ino
