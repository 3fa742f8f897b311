"""Whether the artefacts on disk are what this run would make. Reads no photo, imports no framework."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from model_build import manifest
from model_build.dataset import find_photos
from model_build.plan import Plan

LIBRARIES = ("keras", "numpy", "pillow", "scikit-learn", "tensorflow", "torch", "torch-model-archiver")
FILE = "inputs.sha256"
METRICS = Path(__file__).resolve().parent.parent / "images" / "torchserve" / "metrics.yaml"
_WITHOUT_INFLUENCE = frozenset(
    {"__main__", "child", "errors", "freshness", "manifest", "proof", "prove", "tensorflow_proof"}
    | {"torchserve_api", "torchserve_proof", "workspace"}
)
"""Modules that run or check a build but shape none of its artefacts."""


def libraries() -> tuple[manifest.Library, ...]:
    """Installed versions of the libraries that shape the models."""
    return tuple(manifest.Library(name, version(name)) for name in LIBRARIES)


def inputs_digest(plan: Plan) -> str:
    """Digest of what decides the artefacts: plan, our code, library versions, names and times of photos."""
    digest = hashlib.sha256()
    digest.update(json.dumps([plan.seed, plan.per_class, plan.epochs, plan.batch_size]).encode())
    digest.update(repr(libraries()).encode())
    for path in _sources():
        digest.update(path.name.encode() + path.read_bytes())
    for photo in find_photos(plan.dataset) if plan.dataset else []:
        status = photo.path.stat()
        digest.update(f"{photo.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> list[Path]:
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return [path for path in modules if path.stem not in _WITHOUT_INFLUENCE] + [METRICS]


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
