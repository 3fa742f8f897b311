"""The model archive, unpacked and asked in a fresh process that sees nothing else of this project."""

import base64
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import IO

from model_build.child import finished
from model_build.errors import BuildError
from model_build.in_archive import signature
from model_build.in_archive.contract import MODEL_NAME
from model_build.judge import proof


def answer(folder: Path) -> None:
    """One batch through the archive's handler; writes the answers beside the question."""
    questions, replies = folder / "torchserve-questions.json", folder / "torchserve-replies.json"
    questions.write_text(json.dumps([base64.b64encode(image).decode() for image in proof.images(folder)]))
    archive = folder / "out" / "torchserve" / f"{MODEL_NAME}.mar"
    ask_archive(archive, questions, replies)
    rows, statuses = json.loads(replies.read_text())
    classes = signature.load(folder).classes
    answers = (_answer(classes, row, status) for row, status in zip(rows, statuses, strict=True))
    proof.save_answers(folder, "torchserve", tuple(answers))


def ask_archive(archive: Path, questions: Path, replies: Path) -> None:
    """Let the handler of a .mar answer. Raises BuildError when it ends otherwise."""
    code = run_unpacked(archive, Path(__file__).with_name("worker.py"), questions, replies)
    if code != 0:
        raise BuildError(f"{archive.name}: its handler ended with code {code}; see above")


def run_unpacked(
    archive: Path, script: Path, questions: Path, replies: Path, stderr: IO[str] | None = None
) -> int:
    """The exit code of a script in an unpacked .mar, which sees nothing else of this project."""
    with tempfile.TemporaryDirectory(dir=replies.parent) as temporary:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(temporary)
        command = [sys.executable, "-P", str(script), str(questions.resolve()), str(replies.resolve())]
        return finished(command, stderr, Path(temporary), temporary)


def _answer(classes: tuple[str, ...], row: dict[str, float | str], status: int) -> proof.Answer:
    if status != 200:
        return proof.Answer((), "", str(row["message"]))
    return proof.Answer(tuple(float(row[name]) for name in classes), str(row["label"]), "")
