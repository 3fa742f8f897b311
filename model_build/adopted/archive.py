"""A model archive that this project did not pack, for TorchServe."""

import base64
import json
import shutil
import zipfile
from pathlib import Path

from base import files
from model_build.adopted.asked import Replies, refused
from model_build.adopted.requests import Requests
from model_build.errors import BuildError
from model_build.torchserve.proof import run_unpacked

MANIFEST = "MAR-INF/MANIFEST.json"


def place(source: Path, target: Path) -> None:
    """Check that it is an archive with a handler, and copy it. Raises BuildError."""
    try:
        with zipfile.ZipFile(source) as packed:
            model = json.loads(packed.read(MANIFEST))["model"]
            packed.getinfo(model["handler"].partition(":")[0])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BuildError(
            f"--mar: expected an archive of torch-model-archiver with a handler of its own, got "
            f"{files.shown(source)}: {error}"
        ) from error
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)


def ask(archive: Path, wanted: Requests, work: Path) -> Replies:
    """Every request's answer by the archive's handler in a fresh process. Raises BuildError."""
    questions, replies = (work / name for name in ("archive-questions.json", "archive-replies.json"))
    bodies = {each.name: base64.b64encode(each.body).decode() for each in wanted.each}
    questions.write_text(json.dumps({"type": wanted.content_type, "bodies": bodies}))
    script, log = Path(__file__).with_name("archive_worker.py"), work / "archive.log"
    with log.open("w") as errors:
        code = run_unpacked(archive, script, questions, replies, errors)
    if code:
        told = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise BuildError(f"--mar: its handler does not start here: {' '.join(told)}{_advice(told)}")
    return {name: _answer(name, found) for name, found in json.loads(replies.read_text()).items()}


def _advice(told: list[str]) -> str:
    package = "; install TorchServe's Python package beside this project: pip install torchserve==0.12.0"
    return package if any("No module named 'ts'" in line for line in told) else ""


def _answer(name: str, found: dict[str, object]) -> object:
    if "refused" in found:
        raise refused("its handler", name, str(found["refused"]))
    return found["answer"]
