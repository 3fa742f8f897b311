"""Message types that the tensorflow-serving-api package leaves out, declared here field by field.

Sources: tensorflow_serving/servables/tensorflow/session_bundle_config.proto (BatchingParameters),
tensorflow_serving/config/monitoring_config.proto, grpc/health/v1/health.proto.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2
from google.protobuf.message import Message

FieldProto = descriptor_pb2.FieldDescriptorProto
INT64, STRING, BOOL = FieldProto.TYPE_INT64, FieldProto.TYPE_STRING, FieldProto.TYPE_BOOL
_WRAPPED = {INT64: ".google.protobuf.Int64Value", STRING: ".google.protobuf.StringValue"}
_PACKAGE = "tensorflow.serving.standin"


def _message(name: str, *fields: FieldProto) -> descriptor_pb2.DescriptorProto:
    return descriptor_pb2.DescriptorProto(name=name, field=fields)


def _plain(name: str, number: int, kind: "FieldProto.Type.ValueType", repeated: bool = False) -> FieldProto:
    label = FieldProto.LABEL_REPEATED if repeated else FieldProto.LABEL_OPTIONAL
    return FieldProto(name=name, number=number, type=kind, label=label)


def _nested(name: str, number: int, type_name: str) -> FieldProto:
    one = FieldProto.LABEL_OPTIONAL
    kind = FieldProto.TYPE_MESSAGE
    return FieldProto(name=name, number=number, type=kind, type_name=type_name, label=one)


def _wrapped(name: str, number: int, kind: "FieldProto.Type.ValueType" = INT64) -> FieldProto:
    return _nested(name, number, _WRAPPED[kind])


def _file() -> descriptor_pb2.FileDescriptorProto:
    batching = _message(
        "BatchingParameters",
        _wrapped("max_batch_size", 1),
        _wrapped("batch_timeout_micros", 2),
        _wrapped("max_enqueued_batches", 3),
        _wrapped("num_batch_threads", 4),
        _wrapped("thread_pool_name", 5, STRING),
        _plain("allowed_batch_sizes", 6, INT64, repeated=True),
        _plain("pad_variable_length_inputs", 7, BOOL),
        _wrapped("max_execution_batch_size", 8),
        _nested("enable_large_batch_splitting", 9, ".google.protobuf.BoolValue"),
    )
    prometheus = _message("PrometheusConfig", _plain("enable", 1, BOOL), _plain("path", 2, STRING))
    monitoring = _message(
        "MonitoringConfig", _nested("prometheus_config", 1, f".{_PACKAGE}.PrometheusConfig")
    )
    request = _message("HealthCheckRequest", _plain("service", 1, STRING))
    response = _message("HealthCheckResponse", _plain("status", 1, FieldProto.TYPE_INT32))
    return descriptor_pb2.FileDescriptorProto(
        name="emotion_serving_standin.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
        message_type=[batching, prometheus, monitoring, request, response],
    )


def _classes() -> dict[str, type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    declared = _file()
    pool.Add(declared)
    names = [message.name for message in declared.message_type]
    return {n: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{n}")) for n in names}


CLASSES = _classes()
