"""Warm-up records of a SavedModel: sent before the version serves, so that no client pays for it.

Source: tensorflow_serving/servables/tensorflow/saved_model_warmup_util.cc.
"""

from pathlib import Path
from typing import Any, Protocol

from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2  # type: ignore[import-untyped]

from . import tensorflow_runtime as runtime
from .dtypes import Signature, Tensor
from .errors import Code, ServingError, invalid

FILE = "assets.extra/tf_serving_warmup_requests"
MAX_RECORDS = 1000


class Warmed(Protocol):
    """What warm-up needs of a servable."""

    def signature(self, name: str) -> Signature | None: ...
    def run(self, signature: Signature, inputs: dict[str, Tensor], timeout: float) -> dict[str, Tensor]: ...


def run(servable: Warmed, path: str) -> int:
    """Send every record of the version in folder `path`; returns their number, 0 without a file.

    Raises ServingError for a file that is not TFRecord, a record that fails, or more than 1,000 records.
    """
    file = Path(path, FILE)
    if not file.is_file():
        return 0
    number = 0
    for number, record in enumerate(runtime.records(str(file)), start=1):
        if number > MAX_RECORDS:
            raise invalid(f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {file}")
        _replay(servable, record, file)
    return number


def _replay(servable: Warmed, record: bytes, file: Path) -> None:
    log = prediction_log_pb2.PredictionLog()
    try:
        log.ParseFromString(record)
    except DecodeError as error:
        raise invalid(f"Failed to parse warmup record from {file}") from error
    kind = log.WhichOneof("log_type")
    if kind != "predict_log":
        raise ServingError(Code.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind} in {file}")
    request = log.predict_log.request
    signature = servable.signature(request.model_spec.signature_name)
    if signature is None or set(request.inputs) != set(signature.inputs):
        raise invalid(
            f"A warmup record's signature and inputs are not the model's: {_named(request)} in {file}"
        )
    inputs = {name: runtime.make_array(request.inputs[name]) for name in signature.inputs}
    servable.run(signature, inputs, timeout=0)


def _named(request: Any) -> str:
    return f"{request.model_spec.signature_name}({', '.join(sorted(request.inputs))})"
