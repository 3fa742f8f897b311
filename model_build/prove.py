"""Each export must answer in a fresh process as in training, and refuse a broken photo alone."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from model_build import proof
from model_build.child import ENVIRONMENT, run_step
from model_build.contract import BROKEN, CLASSES, JPEG, MODEL_NAME, PNG, text
from model_build.errors import BuildError

TOLERANCE = 0.002
"""Largest allowed difference of a probability: decoders and kernels may differ in the last bits."""


def prove_tensorflow(folder: Path) -> float:
    """Raises BuildError unless the SavedModel proves itself; the largest difference of a probability."""
    run_step("model_build.tensorflow_proof", folder, folder / "tensorflow-proof.log")
    return check(folder, "tensorflow")


def prove_torchserve(folder: Path) -> float:
    """Raises BuildError unless the archive proves itself; the largest difference of a probability."""
    questions, replies = folder / "torchserve-questions.json", folder / "torchserve-replies.json"
    questions.write_text(json.dumps([base64.b64encode(image).decode() for image in proof.images(folder)]))
    archive = folder / "out" / "torchserve" / f"{MODEL_NAME}.mar"
    ask_archive(archive, questions, replies)
    rows, statuses = json.loads(replies.read_text())
    proof.save_answers(folder, "torchserve", tuple(map(_torchserve_answer, rows, statuses)))
    return check(folder, "torchserve")


def ask_archive(archive: Path, questions: Path, replies: Path) -> None:
    """Unpack a .mar as TorchServe does and let its handler answer, seeing nothing else of this project."""
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(temporary)
        script = Path(__file__).with_name("torchserve_proof.py")
        command = [sys.executable, "-P", str(script), str(questions.resolve()), str(replies.resolve())]
        environment = os.environ | ENVIRONMENT | {"PYTHONPATH": temporary}
        done = subprocess.run(command, cwd=temporary, env=environment, check=False)
    if done.returncode != 0:
        raise BuildError(f"{archive.name}: its handler ended with code {done.returncode}; see above")


def check(folder: Path, server: str) -> float:
    """Compare the answers of `server` with the network's own; the largest difference of a probability."""
    question, answers = proof.load_question(folder), proof.load_answers(folder, server)
    broken = answers.pop(len(question.paths) // 2)
    expected_error = {text(BROKEN, JPEG), text(BROKEN, PNG)}
    if broken.error not in expected_error or broken.label:
        raise BuildError(f"{server}: expected the cut photo to be refused alone, got {broken}")
    if refused := [answer.error for answer in answers if answer.error]:
        raise BuildError(f"{server}: expected answers to whole photos, got {refused[0]!r}")
    trained = np.load(folder / f"{server}-test.npy")[list(question.rows)]
    served = np.array([answer.probabilities for answer in answers])
    difference = float(np.abs(trained - served).max())
    labels = [CLASSES[number] for number in served.argmax(axis=1)]
    if difference > TOLERANCE or labels != [answer.label for answer in answers]:
        raise BuildError(f"{server}: its answers differ from the trained network's by up to {difference:.4f}")
    return difference


def _torchserve_answer(row: dict[str, float | str], status: int) -> proof.Answer:
    if status != 200:
        return proof.Answer((), "", str(row["message"]))
    return proof.Answer(tuple(float(row[name]) for name in CLASSES), str(row["label"]), "")
