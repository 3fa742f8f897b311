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

LEAST_CLASSES, MOST_CLASSES, MOST_NAME = 2, 1000, 100
MINIMUM_PER_CLASS = 10
"""Four of ten go to the test split: fewer say nothing."""
RESERVED = frozenset({"label", "error"})
"""What TensorFlow Serving's answers call something else."""
_NAMED = 8
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
    """A folder's photos with the names of its classes in order, and what else is in it."""

    folder: Path
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_photos(folder: Path) -> Found:
    """Every file of the class folders, which name the classes. Raises BuildError for few or unfit ones."""
    if not folder.is_dir():
        raise BuildError(
            f"--dataset: expected a folder, got {shown(folder)}; give one that holds a folder per class"
        )
    entries = sorted(folder.resolve().iterdir())
    ours = [entry for entry in entries if not _is_foreign(entry.name)]
    classes = _classes(sorted(entry.name for entry in ours if entry.is_dir()))
    found = [LeftOut(entry, HIDDEN) for entry in entries if _is_foreign(entry.name)]
    found += [LeftOut(entry, OUTSIDE) for entry in ours if not entry.is_dir()]
    photos = list[Photo]()
    for label in classes:
        for item in _walk(folder.resolve() / label, {_place(folder.stat())}):
            if isinstance(item, LeftOut):
                found.append(item)
            else:
                photos.append(Photo(item, str(item), label))
    made = Found(folder.resolve(), classes, tuple(photos), tuple(found))
    require_enough(made)
    return made


def require_enough(found: Found) -> None:
    """Raises BuildError naming classes with fewer than MINIMUM_PER_CLASS photos."""
    counts = Counter(photo.label for photo in found.photos)
    short = [
        f"{shown(label)} has {counts[label]}" for label in found.classes if counts[label] < MINIMUM_PER_CLASS
    ]
    if short:
        raise BuildError(
            f"--dataset: expected at least {MINIMUM_PER_CLASS} usable photos of each class, got too few "
            f"({_some(short)}); add photos, or take these folders away"
        )


def write_csv(photos: Sequence[Photo], path: Path) -> None:
    """The thesis's emotions.csv: columns image_path, label. A name keeps its bytes, UTF-8 or not."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image_path", "label"))
        writer.writerows((photo.name, photo.label) for photo in photos)


def label_numbers(found: Found) -> NDArray[np.int64]:
    """Each photo's class number."""
    numbers = {label: number for number, label in enumerate(found.classes)}
    return np.array([numbers[photo.label] for photo in found.photos], dtype=np.int64)


def _classes(names: list[str]) -> tuple[str, ...]:
    """The folders' names, which answers will hold. Raises BuildError for too few, too many or unfit ones."""
    if not LEAST_CLASSES <= len(names) <= MOST_CLASSES:
        got = f"{len(names)} ({_some([shown(name) for name in names])})" if names else "none"
        raise BuildError(
            f"--dataset: expected {LEAST_CLASSES} to {MOST_CLASSES} folders, one for each class, got {got}; "
            "give the folder that holds them"
        )
    if unfit := [f"{shown(name)}: {why}" for name in names if (why := _unfit(name))]:
        raise BuildError(f"--dataset: expected names of classes, got {_some(unfit)}; rename the folders")
    return tuple(names)


def _unfit(name: str) -> str:
    """Why answers cannot call a class so; empty where they can."""
    if name in RESERVED:
        return "an answer's own field"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "not UTF-8"
    if size > MOST_NAME:
        return f"longer than {MOST_NAME} bytes"
    return "" if name.isprintable() and name.strip() == name else "control characters or outer spaces"


def _some(items: Sequence[str]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + more


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
