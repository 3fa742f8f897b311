"""Loads the model archive without its server: text that runs in a serving container, hence Python 3.9."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol, cast


class Handler(Protocol):
    """What the archive's handler offers."""

    def initialize(self, context: SimpleNamespace) -> None: ...
    def preprocess(self, data: list[dict[str, bytes]]) -> tuple[object, list[str]]: ...
    def inference(self, tensors: object) -> object: ...


def load(
    model: str, intra: int, _: int, scratch: Path
) -> tuple[str, int, Callable[[Sequence[bytes]], object]]:
    """The archive's own handler, initialised as in a worker: its preprocessing and its model."""
    zipfile.ZipFile(model).extractall(scratch)
    os.environ["OMP_NUM_THREADS"] = str(intra)  # read at the import, and by the handler
    import torch  # noqa: PLC0415  # after its variables

    sys.path.insert(0, str(scratch))
    manifest = json.loads((scratch / "MAR-INF" / "MANIFEST.json").read_text())
    module = importlib.import_module(Path(manifest["model"]["handler"]).stem)
    classes = [found for _, found in inspect.getmembers(module, inspect.isclass)]
    (kind,) = (each for each in classes if each.__module__ == module.__name__)
    handler = cast("Handler", kind())
    handler.initialize(SimpleNamespace(system_properties={"model_dir": str(scratch)}, manifest=manifest))

    def call(photos: Sequence[bytes]) -> object:
        tensors, _ = handler.preprocess([{"body": photo} for photo in photos])
        return handler.inference(tensors)

    return f"PyTorch {torch.__version__}", torch.get_num_threads(), call
