"""TorchServe's handler: each request of a batch gets its own answer or error.

Runs inside TorchServe (Python 3.9 or newer, torch 2.4 or newer); must define exactly one class.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.in_archive import signature
from model_build.in_archive.contract import MODEL_NAME, Sight
from model_build.in_archive.preprocess import ImageError, photo_tensor, planes
from model_build.in_archive.request_body import Headers, Row, image_bytes
from model_build.in_archive.request_texts import NO_EXPLANATION

if TYPE_CHECKING:
    from model_build.torchserve.api import Context, Counter

    Answer = dict[str, str | int | float]

_log = logging.getLogger(__name__)


class EmotionHandler:
    """One instance in each worker process."""

    initialized = False

    def initialize(self, context: Context) -> None:
        """Load the weights and the counters; set the threads of this worker from the environment."""
        threads = os.environ.get("TORCH_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
        if threads:
            torch.set_num_threads(int(threads))
        folder = Path(str(context.system_properties["model_dir"]))
        files = context.manifest["model"]
        self.signature = signature.load(folder)
        self.model = _network(files["modelFile"], self.signature)
        weights = torch.load(folder / files["serializedFile"], map_location="cpu", weights_only=True)
        self.model.load_state_dict(weights)
        self.model.eval()
        self.counters = _counters(context)
        self.initialized = True

    def handle(self, data: list[Row], context: Context) -> list[Answer]:
        """One answer for each request, in order."""
        self._count(len(data))
        headers = [context.get_all_request_header(index) for index in range(len(data))]
        tensors, errors = self.preprocess(data, headers)
        answers = self.postprocess(self.inference(tensors))
        for index, error in enumerate(errors):
            context.set_response_content_type(index, "application/json")
            if error:
                answers[index] = _refusal(error)
                context.set_response_status(400, "Bad Request", index)
        return answers

    def preprocess(
        self, data: list[Row], headers: list[Headers] | None = None
    ) -> tuple[torch.Tensor, list[str]]:
        """(N, channels, side, side) pixels, zero where refused, and N errors, "" where fine.

        Photos that no request brought have no headers.
        """
        sight = self.signature.sight
        read = (_read(row, told, sight) for row, told in zip(data, headers or [{}] * len(data)))  # noqa: B905
        tensors, errors = zip(*read)  # noqa: B905  # strict= is newer than 3.9
        return torch.from_numpy(planes(np.stack(tensors))), list(errors)

    def inference(self, tensors: torch.Tensor) -> torch.Tensor:
        """(N, classes) probabilities."""
        with torch.inference_mode():
            return torch.exp(self.model(tensors))

    def postprocess(self, probabilities: torch.Tensor) -> list[Answer]:
        """Probabilities by class name, and the likeliest class."""
        rows = probabilities.tolist()
        classes = self.signature.classes
        return [{**dict(zip(classes, row)), "label": classes[row.index(max(row))]} for row in rows]  # noqa: B905

    def _count(self, batch_size: int) -> None:
        if self.counters:
            batch_sizes, batches = self.counters
            batch_sizes.add_or_update(batch_size, [MODEL_NAME])
            batches.add_or_update(1, [MODEL_NAME])


def _network(model_file: str, wanted: signature.Signature) -> torch.nn.Module:
    """Of the only class that the archive's model file defines."""
    module = importlib.import_module(Path(model_file).stem)
    (network,) = (
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, torch.nn.Module) and found.__module__ == module.__name__
    )
    return network(len(wanted.classes), *wanted.sight)


def _counters(context: Context) -> tuple[Counter, Counter] | None:
    """RequestBatchSizeSum and RequestBatchSizeCount, where the server's metrics.yaml declares them."""
    try:
        metrics = context.metrics
        return metrics.get_metric("RequestBatchSizeSum"), metrics.get_metric("RequestBatchSizeCount")
    except Exception as error:  # TorchServe's own error classes cannot be imported outside it
        _log.warning("batch sizes are not counted: %s", error)
        return None


def _read(row: Row, headers: Headers, sight: Sight) -> tuple[NDArray[np.float32], str]:
    blank = np.zeros(sight.shape, dtype=np.float32)
    if headers.get("explain") == "True":  # TorchServe's own header, on its paths for explanations
        return blank, NO_EXPLANATION
    try:
        return photo_tensor(image_bytes(row, headers), sight), ""
    except ImageError as error:
        return blank, str(error)


def _refusal(message: str) -> Answer:
    return {"code": 400, "type": "InvalidImage", "message": message}
