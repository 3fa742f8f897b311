"""The model repository, asked in a fresh process that sees nothing else of this project."""

import base64
import json
import sys
from pathlib import Path

from model_build.child import finished
from model_build.errors import BuildError
from model_build.in_archive import signature
from model_build.in_archive.contract import MODEL_NAME, MODEL_VERSION
from model_build.judge import proof


def answer(folder: Path, precision: str) -> None:
    """One batch through the repository's model; writes the answers beside the question."""
    questions, replies = folder / "triton-questions.json", folder / f"triton-{precision}-replies.json"
    questions.write_text(json.dumps([base64.b64encode(image).decode() for image in proof.images(folder)]))
    ask(folder / "out" / "triton" / MODEL_NAME / str(MODEL_VERSION), precision, questions, replies)
    classes = signature.load(folder).classes
    answers = (_answer(classes, reply) for reply in json.loads(replies.read_text()))
    proof.save_answers(folder, f"triton-{precision}", tuple(answers))


def ask(version: Path, precision: str, questions: Path, replies: Path) -> None:
    """Let the model of a version folder answer, as in a stub process."""
    script = Path(__file__).with_name("worker.py")
    files = (str(questions.resolve()), str(replies.resolve()))
    command = [sys.executable, "-PB", str(script), precision, *files]
    code = finished(command, cwd=version, pythonpath=str(version.resolve()))
    if code != 0:
        raise BuildError(f"triton, {precision}: its model ended with code {code}; see above")


def _answer(classes: tuple[str, ...], found: list[float] | str) -> proof.Answer:
    if isinstance(found, str):
        return proof.Answer((), "", found)
    return proof.Answer(tuple(found), classes[found.index(max(found))], "")
