"""Photos where the user has none: drawn faces, which depend on a seed alone."""

from pathlib import Path

from base import children
from model_build import room
from model_build.in_archive.contract import Sight
from model_build.photos import face_drawing, faces
from model_build.photos.dataset import Found, Photo
from model_build.photos.faces import EMOTIONS
from model_build.photos.reading import photo_bytes, progress

DRAWN_BYTES = 25_000
_PNG_EVERY = 10


def draw_faces(folder: Path, per_class: int, seed: int, sight: Sight) -> Found:
    """Draw `per_class` faces of each class into `folder`/<class>/: JPEG, every tenth PNG.

    Raises BuildError when the disk has no room for them and for what is made of them.
    """
    for label in EMOTIONS:
        (folder / label).mkdir(parents=True)
    room.require(folder, room.FIXED + per_class * len(EMOTIONS) * (DRAWN_BYTES + photo_bytes(sight)))
    jobs = [(label, number, seed) for label in EMOTIONS for number in range(per_class)]
    paths = [folder / label / _drawn_name(label, number) for label, number, _ in jobs]
    with children.pool() as pool:
        encoded = pool.map(_drawn, jobs)
        for path, data in zip(paths, progress(encoded, "drawing faces", len(jobs)), strict=True):
            path.write_bytes(data)
    photos = (Photo(path, str(path.relative_to(folder.parent)), path.parent.name) for path in paths)
    return Found(folder, EMOTIONS, tuple(photos))


def _drawn_name(label: str, number: int) -> str:
    return f"{label}-{number:05d}.{'png' if number % _PNG_EVERY == 9 else 'jpg'}"


def _drawn(job: tuple[str, int, int]) -> bytes:
    label, number, seed = job
    file_format = "PNG" if _drawn_name(label, number).endswith("png") else "JPEG"
    return face_drawing.encode(faces.random_face(label, number, seed), file_format)
