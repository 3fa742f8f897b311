"""`emotions.mar`: weights, network, handler and preprocessing contract, packed by torch-model-archiver."""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch

from base import children
from model_build.carry import carry
from model_build.errors import BuildError
from model_build.in_archive.contract import MODEL_NAME, MODEL_VERSION
from model_build.in_archive.signature import Signature, save
from model_build.torchserve.model import EmotionNet

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""


def export(model: EmotionNet, signature: Signature, folder: Path) -> None:
    """Write `folder`/emotions.mar. The same weights give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        stage = Path(temporary)
        weights = io.BytesIO()  # on a full disk torch's own writing fails for another reason than that
        torch.save(model.state_dict(), weights)
        (stage / "model.pt").write_bytes(weights.getvalue())
        for name in ("model.py", "handler.py"):
            shutil.copy(Path(__file__).with_name(name), stage)
        carry(stage / "shared")
        save(signature, stage / "shared")
        _archive(stage)
        _normalise(stage / f"{MODEL_NAME}.mar", folder / f"{MODEL_NAME}.mar")


def _archive(stage: Path) -> None:
    command = [sys.executable, "-m", "model_archiver.model_packaging", "--model-name", MODEL_NAME]
    command += [
        "--version",
        f"{MODEL_VERSION}.0",
        "--serialized-file",
        "model.pt",
        "--model-file",
        "model.py",
    ]
    command += ["--handler", "handler.py", "--extra-files", "shared", "--export-path", "."]
    # The archiver gathers files in a folder of a fixed name under TMPDIR: give it one of its own.
    done = subprocess.run(
        command,
        cwd=stage,
        env=os.environ | {"TMPDIR": str(stage)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=children.tied(deaf=True),
    )
    if done.returncode != 0:
        raise BuildError(f"torch-model-archiver: ended with code {done.returncode}: {done.stderr.strip()}")


def _normalise(source: Path, target: Path) -> None:
    """The same archive with its members sorted and without the times and modes of this run."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            new.writestr(member, _without_time(name, old.read(name)))


def _without_time(name: str, data: bytes) -> bytes:
    if name != "MAR-INF/MANIFEST.json":
        return data
    manifest = json.loads(data)
    del manifest["createdOn"]
    return json.dumps(manifest, indent=2).encode()
