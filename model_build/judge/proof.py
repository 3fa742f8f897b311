"""Each export must answer in a fresh process as in training, and refuse a broken photo alone.

The question put to it and its answers are files between processes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from model_build.errors import BuildError
from model_build.in_archive import signature
from model_build.in_archive.contract import BROKEN, JPEG, PNG, text
from model_build.photos.batches import Indices
from model_build.photos.dataset import Photo

TOLERANCE = 0.002
"""Largest allowed difference of a probability: decoders and kernels may differ in the last bits."""
_PER_FORMAT = 6
_FIRST_BYTES = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG"}


@dataclass(frozen=True)
class Question:
    """`paths` of photos of the test split, and the `rows` of the split that they are."""

    paths: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """Probabilities in the order of the classes; a refused image has an error and an empty label."""

    probabilities: tuple[float, ...]
    label: str
    error: str


def ask(folder: Path, photos: Sequence[Photo], test: Indices) -> Question:
    """Pick a few photos of each format from the test split and write them down for the proof processes."""
    chosen: list[int] = []
    for prefix in _FIRST_BYTES.values():
        matching = [row for row, photo in enumerate(test) if _starts(photos[int(photo)].path, prefix)]
        chosen += matching[:_PER_FORMAT]
    question = Question(tuple(str(photos[int(test[row])].path) for row in chosen), tuple(chosen))
    (folder / "proof.json").write_text(json.dumps(asdict(question)))
    return question


def load_question(folder: Path) -> Question:
    """What `ask` wrote."""
    fields = json.loads((folder / "proof.json").read_text())
    return Question(tuple(fields["paths"]), tuple(fields["rows"]))


def images(folder: Path) -> list[bytes]:
    """The batch: every photo, and in the middle of it the first photo cut short."""
    whole = [Path(path).read_bytes() for path in load_question(folder).paths]
    middle = len(whole) // 2
    return [*whole[:middle], whole[0][: len(whole[0]) // 2], *whole[middle:]]


def save_answers(folder: Path, server: str, answers: tuple[Answer, ...]) -> None:
    """Hand the answers to `check`."""
    (folder / f"{server}-answers.json").write_text(json.dumps([asdict(answer) for answer in answers]))


def load_answers(folder: Path, server: str) -> list[Answer]:
    """What `save_answers` wrote."""
    rows = json.loads((folder / f"{server}-answers.json").read_text())
    return [Answer(tuple(row["probabilities"]), row["label"], row["error"]) for row in rows]


def check(folder: Path, server: str) -> float:
    """The largest difference of a probability between the answers of `server` and its network's own.

    Raises BuildError when it is too large, a label differs, or another photo than the broken one was refused.
    """
    question, answers = load_question(folder), load_answers(folder, server)
    broken = answers.pop(len(question.paths) // 2)
    if broken.error not in {text(BROKEN, JPEG), text(BROKEN, PNG)} or broken.label:
        raise BuildError(f"{server}: expected the cut photo to be refused alone, got {broken}")
    if refused := [answer.error for answer in answers if answer.error]:
        raise BuildError(f"{server}: expected answers to whole photos, got {refused[0]!r}")
    trained = np.load(folder / f"{server}-test.npy")[list(question.rows)]
    served = np.array([answer.probabilities for answer in answers])
    difference = float(np.abs(trained - served).max())
    classes = signature.load(folder).classes
    labels = [classes[number] for number in served.argmax(axis=1)]
    if difference > TOLERANCE or labels != [answer.label for answer in answers]:
        raise BuildError(f"{server}: its answers differ from the network's own by up to {difference:.4f}")
    return difference


def _starts(path: Path, prefix: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(prefix)) == prefix
