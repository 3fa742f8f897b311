"""Warm-up records of a SavedModel: sent before the version serves, so that no client pays for it.

Source: tensorflow_serving/servables/tensorflow/saved_model_warmup_util.cc.
"""

import time
from pathlib import Path
from typing import Protocol

from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2  # type: ignore[import-untyped]

from . import predict_proto
from . import tensorflow_runtime as runtime
from .dtypes import Signature, Tensor
from .errors import Code, ServingError
from .metrics import Metrics

FILE = "assets.extra/tf_serving_warmup_requests"
MAX_RECORDS = 1000


class Warmed(Protocol):
    """What warm-up needs of a servable."""

    def signature(self, name: str) -> Signature | None: ...
    def run(self, signature: Signature, inputs: dict[str, Tensor], timeout: float) -> dict[str, Tensor]: ...


def run(servable: Warmed, path: str, iterations: int, metrics: Metrics) -> int:
    """Send every record `iterations` times; returns the number of records, 0 without a file.

    Raises ServingError for a file that is not TFRecord, a record that fails, or more than 1,000 records.
    """
    file = Path(path, FILE)
    if not file.is_file():
        return 0
    started, status, number = time.monotonic(), "OK", 0
    try:
        for number, record in enumerate(runtime.records(str(file)), start=1):
            _replay(servable, record, file, iterations)
            metrics.warmup_records_read.add(path, status)
            if number > MAX_RECORDS:
                raise ServingError(
                    Code.INVALID_ARGUMENT,
                    f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {file}",
                )
    except ServingError as error:
        status = str(error)
        if error.code is Code.DATA_LOSS:
            hint = ". Please verify your warmup data is in TFRecord format."
            raise ServingError(Code.DATA_LOSS, error.message + hint) from error
        raise
    finally:
        metrics.warmup_latency.add((time.monotonic() - started) * 1e6, path, status)
    return number


def _replay(servable: Warmed, record: bytes, file: Path, iterations: int) -> None:
    log = prediction_log_pb2.PredictionLog()
    try:
        log.ParseFromString(record)
    except DecodeError as error:
        raise ServingError(Code.INVALID_ARGUMENT, f"Failed to parse warmup record from {file}") from error
    kind = log.WhichOneof("log_type")
    if kind != "predict_log":
        raise ServingError(Code.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind} in {file}")
    request = log.predict_log.request
    signature = predict_proto.signature_for(servable, request)
    inputs = predict_proto.inputs_of(signature, request)
    for _ in range(iterations):
        servable.run(signature, inputs, timeout=0)
