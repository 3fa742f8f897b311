"""Loads the network without its server: text that runs in a serving container, hence Python 3.9."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def load(model: str, intra: int, _: int, __: Path) -> tuple[str, int, Callable[[Sequence[bytes]], object]]:
    """The repository's own preprocessing and network, as in an instance."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.path.insert(0, str(Path(model).parent))
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415  # after its variables

    preprocess = importlib.import_module("model_build.in_archive.preprocess")
    network = importlib.import_module("model_build.triton.network").Network(Path(model), intra)
    sight = importlib.import_module("model_build.in_archive.signature").load(Path(model).parent).sight

    def call(photos: Sequence[bytes]) -> object:
        return network.probabilities([preprocess.photo_tensor(photo, sight) for photo in photos])

    return f"ONNX Runtime {onnxruntime.__version__}", intra, call
