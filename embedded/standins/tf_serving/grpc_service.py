"""The gRPC API: Predict, GetModelMetadata, GetModelStatus, and the health service behind its flag."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap
from typing import Any

import grpc
from google.protobuf.message import Message
from tensorflow_serving.apis import (  # type: ignore[import-untyped]
    get_model_metadata_pb2,
    get_model_status_pb2,
    predict_pb2,
)

from . import describe, predict_proto
from . import tensorflow_runtime as runtime
from .errors import Code, ServingError, invalid
from .manager import Manager
from .metrics import Metrics
from .predictor import Predictor
from .protos import CLASSES
from .versions import ModelSpec

PACKAGE = "tensorflow.serving"
HEALTHY_SERVICES = ("", "ModelService", "PredictionService")
SERVING = 1  # grpc.health.v1.HealthCheckResponse.SERVING
MAX_MESSAGE = 2**31 - 1
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a silent twin
)
Answer = Callable[[Any, grpc.ServicerContext], Message]


class GrpcService:
    """Answers gRPC calls on the same models as the REST API."""

    def __init__(self, manager: Manager, predictor: Predictor, metrics: Metrics, health: bool) -> None:
        self._manager, self._predictor, self._metrics, self._health = manager, predictor, metrics, health

    def serve(self, address: str, threads: int) -> grpc.Server:
        """Start a server on `address` (host:port); raises RuntimeError when the port is taken."""
        server = grpc.server(ThreadPoolExecutor(threads, "grpc"), options=OPTIONS)
        server.add_generic_rpc_handlers(self._handlers())
        server.add_insecure_port(address)
        server.start()
        return server

    def _handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        prediction = {
            "Predict": _method(self._predict, predict_pb2.PredictRequest),
            "GetModelMetadata": _method(self._metadata, get_model_metadata_pb2.GetModelMetadataRequest),
        }
        model = {"GetModelStatus": _method(self._status, get_model_status_pb2.GetModelStatusRequest)}
        services = {f"{PACKAGE}.PredictionService": prediction, f"{PACKAGE}.ModelService": model}
        if self._health:
            services["grpc.health.v1.Health"] = {"Check": _method(_check, CLASSES["HealthCheckRequest"])}
        return tuple(starmap(grpc.method_handlers_generic_handler, services.items()))

    def _predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        started, name = time.monotonic(), request.model_spec.name
        try:
            response = self._run(request, context.time_remaining())
        except ServingError as error:
            self._metrics.request_count.add(name, error.code.name)
            raise
        self._metrics.request_count.add(name, Code.OK.name)
        self._metrics.request_latency.add((time.monotonic() - started) * 1e6, name, "Predict", "GRPC")
        return response

    def _run(self, request: Any, remaining: float | None) -> Any:
        spec = model_spec(request.model_spec)

        def decode(servable: Any) -> Any:
            signature = predict_proto.signature_for(servable, request)
            predict_proto.outputs_wanted(signature, list(request.output_filter))
            return signature, predict_proto.inputs_of(signature, request)

        done = self._predictor.predict(spec, decode, remaining or 0)
        response = predict_pb2.PredictResponse()
        response.model_spec.name = spec.name
        response.model_spec.version.value = done.version
        response.model_spec.signature_name = done.signature.name
        for name in predict_proto.outputs_wanted(done.signature, list(request.output_filter)):
            response.outputs[name].CopyFrom(runtime.make_proto(done.outputs[name]))
        return response

    def _metadata(self, request: Any, _: grpc.ServicerContext) -> Any:
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        return describe.metadata(self._manager, model_spec(request.model_spec))

    def _status(self, request: Any, _: grpc.ServicerContext) -> Any:
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        return describe.status(self._manager, model_spec(request.model_spec))


def model_spec(proto: Any) -> ModelSpec:
    """ModelSpec of a request's protobuf."""
    choice = proto.WhichOneof("version_choice")
    return ModelSpec(
        proto.name,
        version=proto.version.value if choice == "version" else None,
        label=proto.version_label if choice == "version_label" else None,
    )


def _check(request: Any, _: grpc.ServicerContext) -> Message:
    if request.service not in HEALTHY_SERVICES:
        raise ServingError(Code.NOT_FOUND, f"unknown service {request.service}")
    return CLASSES["HealthCheckResponse"](status=SERVING)


def _method(answer: Answer, request_type: Any) -> "grpc.RpcMethodHandler[Any, Message]":
    def call(request: Any, context: grpc.ServicerContext) -> Message:
        try:
            return answer(request, context)
        except ServingError as error:
            code = next(each for each in grpc.StatusCode if each.value[0] == error.code.number)
            context.abort(code, error.message)
            raise

    return grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=request_type.FromString, response_serializer=_serialized
    )


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()
