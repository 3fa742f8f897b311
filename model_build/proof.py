"""The question put to each export, and its answers, as files between processes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from model_build.batches import Indices
from model_build.contract import JPEG, PNG
from model_build.dataset import Photo

_PER_FORMAT = 6
_FIRST_BYTES = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG"}


@dataclass(frozen=True)
class Question:
    """`paths` of photos of the test split, and the `rows` of the split that they are."""

    paths: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """Probabilities in contract order; a refused image has an error and an empty label."""

    probabilities: tuple[float, ...]
    label: str
    error: str


def ask(folder: Path, photos: list[Photo], test: Indices) -> Question:
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
    """Hand the answers to `prove`."""
    (folder / f"{server}-answers.json").write_text(json.dumps([asdict(answer) for answer in answers]))


def load_answers(folder: Path, server: str) -> list[Answer]:
    """What `save_answers` wrote."""
    rows = json.loads((folder / f"{server}-answers.json").read_text())
    return [Answer(tuple(row["probabilities"]), row["label"], row["error"]) for row in rows]


def _starts(path: Path, prefix: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(prefix)) == prefix
