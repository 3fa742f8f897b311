"""Photos on disk with their labels: the user's folder, or drawn faces. Described by emotions.csv."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model_build.errors import BuildError
from model_build.in_archive.contract import CLASSES, IMAGE_SIDE
from model_build.in_archive.preprocess import ImageError, photo_tensor
from model_build.photos import face_drawing, faces

MINIMUM_PER_CLASS = 10
"""Four of ten go to the test split: fewer say nothing."""
MAXIMUM_UNUSABLE = 0.1
"""Share of unreadable photos above which the folder is taken to be the wrong one."""
_PNG_EVERY = 10
_SHOWN = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Photo:
    """`name` stands in emotions.csv: absolute for the user's photos, relative to the csv for drawn ones."""

    path: Path
    name: str
    label: str


@dataclass(frozen=True)
class Reading:
    """One photo read: its digest, and either its tensor or the reason why there is none."""

    digest: str
    tensor: NDArray[np.float32] | None
    error: str


def find_photos(folder: Path) -> list[Photo]:
    """Every file of the class folders. Raises BuildError when a folder is missing, unknown or too empty."""
    if not folder.is_dir():
        raise BuildError(
            f"--dataset: expected a folder, got {folder}; give one that holds a folder per class"
        )
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != ".")
    expected = "expected one folder for each class (" + ", ".join(CLASSES) + ")"
    if unknown := sorted(set(names) - set(CLASSES)):
        raise BuildError(f"--dataset: {expected}, got also {', '.join(unknown)}; rename or move them")
    if missing := [name for name in CLASSES if name not in names]:
        raise BuildError(f"--dataset: {expected}, got none for {', '.join(missing)}; add them")
    photos = [photo for label in CLASSES for photo in _class_photos(folder.resolve(), label)]
    require_enough(photos)
    return photos


def require_enough(photos: list[Photo]) -> None:
    """Raises BuildError naming every class with fewer than MINIMUM_PER_CLASS photos."""
    counts = Counter(photo.label for photo in photos)
    short = [f"{label} has {counts[label]}" for label in CLASSES if counts[label] < MINIMUM_PER_CLASS]
    if short:
        raise BuildError(
            f"--dataset: expected at least {MINIMUM_PER_CLASS} usable photos of each class, got too few "
            f"({', '.join(short)}); add photos"
        )


def draw_faces(folder: Path, per_class: int, seed: int) -> list[Photo]:
    """Draw `per_class` faces of each class into `folder`/<class>/: JPEG, every tenth PNG."""
    for label in CLASSES:
        (folder / label).mkdir(parents=True)
    jobs = [(label, number, seed) for label in CLASSES for number in range(per_class)]
    paths = [folder / label / _drawn_name(label, number) for label, number, _ in jobs]
    with _workers() as pool:
        encoded = pool.map(_drawn, jobs, chunksize=32)
        for path, data in zip(paths, _progress(encoded, "drawing faces", len(jobs)), strict=True):
            path.write_bytes(data)
    return [Photo(path, str(path.relative_to(folder.parent)), path.parent.name) for path in paths]


def read_photos(photos: list[Photo], tensors: Path) -> tuple[list[Photo], str]:
    """Decode every photo into the file `tensors` (N, 100, 100); return the usable photos and their digest.

    Unreadable photos are named and left out. Raises BuildError when there are too many of them.
    """
    array = np.lib.format.open_memmap(
        tensors, mode="w+", dtype=np.float32, shape=(len(photos), IMAGE_SIDE, IMAGE_SIDE)
    )
    digest, usable, unusable = hashlib.sha256(), list[Photo](), list[str]()
    with _workers() as pool:
        readings = pool.map(_reading, [photo.path for photo in photos], chunksize=32)
        for photo, reading in zip(photos, _progress(readings, "reading photos", len(photos)), strict=True):
            if reading.tensor is None:
                unusable.append(f"{photo.path}: {reading.error}")
                continue
            array[len(usable)] = reading.tensor
            usable.append(photo)
            digest.update(f"{photo.label} {reading.digest}\n".encode())
    array.flush()
    _report(unusable, len(photos))
    return usable, digest.hexdigest()


def write_csv(photos: list[Photo], path: Path) -> None:
    """The thesis's emotions.csv: columns image_path, label."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image_path", "label"))
        writer.writerows((photo.name, photo.label) for photo in photos)


def label_numbers(photos: list[Photo]) -> NDArray[np.int64]:
    """Each photo's class number, in contract order."""
    return np.array([CLASSES.index(photo.label) for photo in photos], dtype=np.int64)


def _class_photos(folder: Path, label: str) -> Iterator[Photo]:
    for path in sorted((folder / label).rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield Photo(path, str(path), label)


def _drawn_name(label: str, number: int) -> str:
    return f"{label}-{number:05d}.{'png' if number % _PNG_EVERY == 9 else 'jpg'}"


def _drawn(job: tuple[str, int, int]) -> bytes:
    label, number, seed = job
    file_format = "PNG" if _drawn_name(label, number).endswith("png") else "JPEG"
    return face_drawing.encode(faces.random_face(label, number, seed), file_format)


def _reading(path: Path) -> Reading:
    try:
        data = path.read_bytes()
        return Reading(hashlib.sha256(data).hexdigest(), photo_tensor(data), "")
    except (ImageError, OSError) as error:
        return Reading("", None, str(error))


def _report(unusable: list[str], total: int) -> None:
    if not unusable:
        return
    more = len(unusable) - _SHOWN
    names = "\n".join(f"  {line}" for line in unusable[:_SHOWN]) + (
        f"\n  and {more} more" if more > 0 else ""
    )
    if len(unusable) > MAXIMUM_UNUSABLE * total:
        raise BuildError(
            f"--dataset: expected JPEG or PNG photos, got {len(unusable)} unusable files of {total}:\n"
            f"{names}\nconvert or remove them"
        )
    print(f"left out {len(unusable)} unusable files of {total}:\n{names}", flush=True)


@contextmanager
def _workers() -> Iterator[ProcessPoolExecutor]:
    """Worker processes; on an error or Ctrl-C what has not started is dropped at once."""
    pool = ProcessPoolExecutor()
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _progress(items: Iterator[T], what: str, total: int) -> Iterator[T]:
    return iter(tqdm(items, desc=what, total=total, unit="photo", disable=None))
