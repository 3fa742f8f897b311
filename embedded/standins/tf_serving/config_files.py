"""The ascii protobuf files that flags name: batching parameters and monitoring.

The tensorflow-serving-api package leaves both messages out, so the fields in use are declared here. Sources:
tensorflow_serving/servables/tensorflow/session_bundle_config.proto and bundle_factory_util.cc (defaults),
tensorflow_serving/config/monitoring_config.proto.
"""

from dataclasses import dataclass
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2
from google.protobuf.message import Message

from .errors import StartError
from .flags import cpus

DEFAULT_METRICS_PATH = "/monitoring/prometheus/metrics"
BATCHING_FIELDS = {
    "max_batch_size": 1,
    "batch_timeout_micros": 2,
    "max_enqueued_batches": 3,
    "num_batch_threads": 4,
}
_PACKAGE = "tensorflow.serving.standin"
_Field = descriptor_pb2.FieldDescriptorProto


@dataclass(frozen=True)
class Batching:
    """How requests are merged: sizes in rows, time in microseconds; `num_batch_threads` 0 is one a CPU."""

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 0

    @property
    def threads(self) -> int:
        """Batches run at once."""
        return self.num_batch_threads or cpus()


def batching(path: str) -> Batching:
    """Parameters in the file at `path`; raises StartError naming field, range and value."""
    flag = "--batching_parameters_file"
    values = {
        field.name: value.value for field, value in _read(flag, path, "BatchingParameters").ListFields()
    }
    for name, value in values.items():
        least = 0 if name == "batch_timeout_micros" else 1
        if value < least:
            raise StartError(f"{flag}: {name}: expected {least} or more, got {value}")
    return Batching(**values)


def metrics_path(path: str) -> str:
    """URL path of the metrics page that the file at `path` asks for; empty when metrics are off."""
    if not path:
        return ""
    config = _read("--monitoring_config_file", path, "MonitoringConfig")
    wanted = {field.name: value for field, value in config.ListFields()}.get("prometheus_config")
    chosen = {} if wanted is None else {field.name: value for field, value in wanted.ListFields()}
    return str(chosen.get("path") or DEFAULT_METRICS_PATH) if chosen.get("enable") else ""


def _read(flag: str, path: str, kind: str) -> Message:
    message = _CLASSES[kind]()
    try:
        return text_format.Parse(Path(path).read_text(encoding="utf-8"), message)
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{flag}: expected a readable text file, got {path}: {error}") from error
    except text_format.ParseError as error:
        fields = ", ".join(field.name for field in message.DESCRIPTOR.fields)
        raise StartError(
            f"{flag}: {path}: expected an ascii {kind} of the fields that this stand-in serves ({fields}): "
            f"line {error}"
        ) from error


def _field(name: str, number: int, kind: "_Field.Type.ValueType", type_name: str | None = None) -> _Field:
    return _Field(name=name, number=number, type=kind, type_name=type_name, label=_Field.LABEL_OPTIONAL)


def _classes() -> dict[str, type[Message]]:
    nested, number = _Field.TYPE_MESSAGE, ".google.protobuf.Int64Value"
    fields = {
        "BatchingParameters": [_field(name, i, nested, number) for name, i in BATCHING_FIELDS.items()],
        "PrometheusConfig": [_field("enable", 1, _Field.TYPE_BOOL), _field("path", 2, _Field.TYPE_STRING)],
        "MonitoringConfig": [_field("prometheus_config", 1, nested, f".{_PACKAGE}.PrometheusConfig")],
    }
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    declared = descriptor_pb2.FileDescriptorProto(
        name="emotion_serving_standin.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
        message_type=[descriptor_pb2.DescriptorProto(name=name, field=each) for name, each in fields.items()],
    )
    pool.Add(declared)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in fields
    }


_CLASSES = _classes()
