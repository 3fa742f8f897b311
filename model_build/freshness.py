"""Whether the artefacts on disk are what this run would make. Reads no photo, imports no framework."""

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path

from model_build import manifest
from model_build.photos.dataset import find_photos
from model_build.plan import Plan

LIBRARIES = (
    *("keras", "numpy", "onnx", "onnxruntime", "pillow"),
    *("scikit-learn", "tensorflow", "torch", "torch-model-archiver"),
)
FILE = "inputs.sha256"
_PACKAGE = Path(__file__).resolve().parent
_IMAGES = _PACKAGE.parent / "images"
METRICS = _IMAGES / "torchserve" / "metrics.yaml"
PACKAGES = _IMAGES / "triton" / "requirements.txt"
WITHOUT_INFLUENCE = frozenset(
    {"__main__.py", "child.py", "command.py", "errors.py", "freshness.py", "manifest.py", "room.py"}
    | {"workspace.py", "judge/proof.py", "photos/summary.py"}
    | {"tf_serving/proof.py", "torchserve/api.py", "torchserve/proof.py", "torchserve/worker.py"}
    | {"triton/api.py", "triton/proof.py", "triton/worker.py"}
)
"""Modules that run or check a build but shape none of its artefacts."""


def libraries() -> tuple[manifest.Library, ...]:
    """Installed versions of the libraries that shape the models."""
    return tuple(manifest.Library(name, version(name)) for name in LIBRARIES)


def inputs_digest(plan: Plan, package: Path = _PACKAGE) -> str:
    """Digest of what decides the artefacts: plan, our code, library versions, names and times of photos."""
    digest = hashlib.sha256()
    digest.update(json.dumps([plan.seed, plan.per_class, plan.epochs, plan.batch_size, *plan.sight]).encode())
    digest.update(repr(libraries()).encode())
    for path in sources(package):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    digest.update(METRICS.read_bytes() + PACKAGES.read_bytes())
    for photo in find_photos(plan.dataset).photos if plan.dataset else ():
        status = photo.path.stat()
        digest.update(os.fsencode(photo.name) + f" {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def sources(package: Path = _PACKAGE) -> list[Path]:
    """The modules of `package`, all rooms, that decide what an artefact holds."""
    modules = sorted(package.rglob("*.py"))
    return [path for path in modules if path.relative_to(package).as_posix() not in WITHOUT_INFLUENCE]


def is_fresh(out: Path, digest: str) -> bool:
    """True when `out` was made from the same inputs and every exported file is still as it was."""
    try:
        written = manifest.load(out / manifest.FILE)
        return (out / FILE).read_text() == digest and not manifest.damaged_files(written, out)
    except (manifest.ManifestError, OSError):
        return False


def note(out: Path, digest: str) -> None:
    """Remember the inputs for the next run."""
    (out / FILE).write_text(digest)
