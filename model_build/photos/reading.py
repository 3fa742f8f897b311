"""Photos read into the tensors that both trainings share; what cannot be learnt from is left out."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from base import children, files
from model_build import room
from model_build.errors import BuildError
from model_build.in_archive.contract import MAX_BYTES, Sight
from model_build.in_archive.preprocess import ImageError, photo_tensor
from model_build.photos import summary
from model_build.photos.dataset import Found, LeftOut, Photo

MAXIMUM_UNUSABLE = 0.1
"""Share of unreadable photos above which the folder is taken to be the wrong one."""
COPY = "a copy of another photo of its class"
CONTRADICTION = "the same photo under two classes"

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """One photo read: digests of its bytes and of what a network sees, its tensor or why there is none."""

    digest: str
    pixels: str
    tensor: NDArray[np.float32] | None
    error: str


@dataclass(frozen=True)
class Row:
    """A photo that could be read, in the order of the tensors."""

    photo: Photo
    digest: str
    pixels: str


def photo_bytes(sight: Sight) -> int:
    """Of one photo's tensor."""
    return 4 * sight.side**2 * sight.channels


def read_photos(found: Found, tensors: Path, sight: Sight) -> tuple[Found, str]:
    """Decode every photo into the file `tensors` (N, side, side[, 3]); return what is usable, and its digest.

    Of copies one stays: two could come to lie in both parts of the split. Raises BuildError when too many
    photos cannot be read, or the disk has no room for them.
    """
    room.require(tensors.parent, room.FIXED + len(found.photos) * photo_bytes(sight))
    with tensors.open("wb") as file:
        rows, unreadable = _decode(found.photos, file, sight)
    if len(unreadable) > MAXIMUM_UNUSABLE * len(found.photos):
        raise BuildError(_too_many(found, unreadable))
    repeated = _repeated(rows)
    kept = [number for number in range(len(rows)) if number not in repeated]
    _keep(tensors, kept)
    digest = hashlib.sha256()
    for number in kept:
        digest.update(f"{rows[number].photo.label} {rows[number].digest}\n".encode())
    left_out = [*unreadable, *(LeftOut(rows[number].photo.path, why) for number, why in repeated.items())]
    photos = tuple(rows[number].photo for number in kept)
    return replace(found, photos=photos, left_out=(*found.left_out, *left_out)), digest.hexdigest()


def progress(items: Iterator[T], what: str, total: int) -> Iterator[T]:
    """The items, with a bar where there is a terminal."""
    return iter(tqdm(items, desc=what, total=total, unit="photo", disable=None))


def _decode(photos: Sequence[Photo], file: BinaryIO, sight: Sight) -> tuple[list[Row], list[LeftOut]]:
    """Write the tensors one after another: a plain write tells a full disk, which a mapped file does not."""
    rows, unreadable = list[Row](), list[LeftOut]()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": (len(photos), *sight.shape)}
    )
    with children.pool() as pool:
        readings = pool.map(partial(_reading, sight), [photo.path for photo in photos])
        for photo, reading in zip(photos, progress(readings, "reading photos", len(photos)), strict=True):
            if reading.tensor is None:
                unreadable.append(LeftOut(photo.path, reading.error))
            else:
                file.write(reading.tensor.tobytes())
                rows.append(Row(photo, reading.digest, reading.pixels))
    file.truncate(file.tell() + len(unreadable) * photo_bytes(sight))
    return rows, unreadable


def _reading(sight: Sight, path: Path) -> Reading:
    try:
        data = files.read(path, MAX_BYTES)
        tensor = photo_tensor(data, sight)
    except (ImageError, files.UnfitFileError) as error:
        return Reading("", "", None, str(error))
    return Reading(_sha256(data), _sha256(tensor.tobytes()), tensor, "")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _repeated(rows: Sequence[Row]) -> dict[int, str]:
    """The rows to leave out, each with its reason."""
    same = defaultdict[str, list[int]](list)
    for number, row in enumerate(rows):
        same[row.pixels].append(number)
    found = dict[int, str]()
    for numbers in same.values():
        labels = {rows[number].photo.label for number in numbers}
        found |= (
            dict.fromkeys(numbers, CONTRADICTION) if len(labels) > 1 else dict.fromkeys(numbers[1:], COPY)
        )
    return found


def _too_many(found: Found, unreadable: Sequence[LeftOut]) -> str:
    problem = f"got {len(unreadable)} unusable files of {len(found.photos)}; convert or remove them"
    return "\n".join(
        [f"--dataset: expected JPEG or PNG photos, {problem}", *summary.reasons(found.folder, unreadable)]
    )


def _keep(tensors: Path, rows: Sequence[int]) -> None:
    """Move the rows that stay to the front of the file."""
    array = np.load(tensors, mmap_mode="r+")
    for target, row in enumerate(rows):
        if target != row:
            array[target] = array[row]
    array.flush()
