"""What Triton's Python backend runs: each request of a batch gets its own answer or error.

Each instance is a process of its own, with the repository's version folder on its path; Python 3.9 or newer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import triton_python_backend_utils as backend  # type: ignore[import-not-found]  # the server's own
from numpy.typing import NDArray

from model_build.in_archive import base64_text, signature
from model_build.in_archive.contract import Sight
from model_build.in_archive.preprocess import ImageError, photo_tensor
from model_build.triton.network import OUTPUT, Network

if TYPE_CHECKING:
    from model_build.triton.api import Request, Response

    Photos = list[NDArray[np.float32]]

BINARY, TEXT = "image", "image_base64"
NO_IMAGE = f"expected one of the inputs {BINARY} (a file's bytes) and {TEXT} (the same in base64)"


class TritonPythonModel:
    """One instance of the model."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the network as config.pbtxt says, and run it once, small and full."""
        config = json.loads(args["model_config"])
        told = {name: each["string_value"] for name, each in config["parameters"].items()}
        file = Path(__file__).with_name(f"{told['precision']}.onnx")
        self.network = Network(file, int(told["threads"]))
        self.sight = signature.load(file.parent).sight
        blank = np.zeros(self.sight.shape, dtype=np.float32)
        for rows in (1, int(config["max_batch_size"])):
            self.network.probabilities([blank] * rows)

    def execute(self, requests: list[Request]) -> list[Response]:
        """One response for each request, in order; all their photos go through the network together."""
        read = [_photos(request, self.sight) for request in requests]
        photos = [photo for each in read if isinstance(each, list) for photo in each]
        rows = iter(self.network.probabilities(photos)) if photos else iter(())
        return [
            _refusal(each) if isinstance(each, ImageError) else _answer([next(rows) for _ in each])
            for each in read
        ]


def _photos(request: Request, sight: Sight) -> Photos | ImageError:
    try:
        return [photo_tensor(data, sight) for data in _images(request)]
    except ImageError as error:
        return error


def _images(request: Request) -> list[bytes]:
    """The files of a request. Raises ImageError without any, or for base64 that is none."""
    binary, text = (backend.get_input_tensor_by_name(request, name) for name in (BINARY, TEXT))
    if (binary is None) == (text is None):
        raise ImageError(NO_IMAGE)
    if binary is not None:
        return [bytes(each) for each in binary.as_numpy().ravel()]
    return [base64_text.decode(bytes(each), in_form=False) for each in text.as_numpy().ravel()]


def _answer(rows: list[NDArray[np.float32]]) -> Response:
    response: Response = backend.InferenceResponse([backend.Tensor(OUTPUT, np.stack(rows))])
    return response


def _refusal(error: ImageError) -> Response:
    told = backend.TritonError(str(error), backend.TritonError.INVALID_ARG)
    response: Response = backend.InferenceResponse(error=told)
    return response
