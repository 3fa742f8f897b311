"""The exported network in ONNX Runtime. Travels inside the model repository: Python 3.9."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from model_build.in_archive.preprocess import planes

INPUT, OUTPUT = "pixels", "probabilities"


Pixels = NDArray[np.float32]


class Network:
    """One session with so many threads, which sleep while there is nothing to do."""

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def probabilities(self, photos: Sequence[Pixels] | Pixels) -> NDArray[np.float32]:
        """(N, classes) for N photos of (side, side[, 3]) pixels in [0, 1]."""
        pixels = planes(np.asarray(photos, dtype=np.float32))
        (found,) = self._session.run([OUTPUT], {INPUT: pixels})
        return np.asarray(found)
