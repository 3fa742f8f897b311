"""Command line of tensorflow_model_server: names, defaults and contradictions.

Names and defaults: tensorflow_serving/model_servers/main.cc. Only `--flag=value`, or bare `--flag` for
booleans. Unlike upstream, which prints the usage and goes on, an unknown flag is refused.
"""

import contextlib
import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any

from .errors import StartError

PROGRAM = "tensorflow_model_server"
TRUE, FALSE = ("true", "1", "t", "yes"), ("false", "0", "f", "no")
NOT_OFFERED = (
    "grpc_socket_path",
    "grpc_channel_arguments",
    "ssl_config_file",
    "platform_config_file",
    "use_alts_credentials",
    "prefer_tflite_model",
    "enable_profiler",
    "mixed_precision",
    "skip_initialize_tpu",
    "enable_per_model_batching_parameters",
    "thread_pool_factory_config_file",
    "tensorflow_session_config_file",
    "experimental_cc_shared_batching",
)


def cpus() -> int:
    """CPUs this process may be scheduled on: affinity, not the cgroup quota, as upstream counts them."""
    return len(os.sched_getaffinity(0))


def _flag(default: int | str | bool | float, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Flags:
    """Every flag offered; field names are the flags' names."""

    port: int = _flag(8500, "TCP port of the gRPC API")
    rest_api_port: int = _flag(0, "TCP port of the HTTP/REST API; 0 leaves it off")
    rest_api_num_threads: int = field(
        default_factory=lambda: 4 * cpus(),
        metadata={"help": "Threads for HTTP/REST requests, one of which runs the event loop"},
    )
    rest_api_timeout_in_ms: int = _flag(30000, "Timeout of a HTTP/REST request; 0 means none")
    rest_api_enable_cors_support: bool = _flag(False, "Send CORS headers in HTTP/REST answers")
    grpc_max_threads: int = field(
        default_factory=lambda: 4 * cpus(), metadata={"help": "Threads for gRPC requests"}
    )
    enable_batching: bool = _flag(False, "Batch requests that arrive together")
    batching_parameters_file: str = _flag("", "Ascii BatchingParameters protobuf; needs --enable_batching")
    model_name: str = _flag("default", "Name of the model; ignored with --model_config_file")
    model_base_path: str = _flag("", "Folder of version folders; ignored with --model_config_file")
    model_config_file: str = _flag("", "Ascii ModelServerConfig protobuf: several models, policies, labels")
    model_config_file_poll_wait_seconds: int = _flag(0, "Seconds between reads of that file; 0 reads once")
    allow_version_labels_for_unavailable_models: bool = _flag(False, "Labels may name versions not loaded")
    file_system_poll_wait_seconds: int = _flag(1, "Seconds between looks for versions; 0 looks once")
    flush_filesystem_caches: bool = _flag(True, "Accepted for compatibility; this server keeps no such cache")
    num_load_threads: int = _flag(0, "Accepted for compatibility; versions load one after another")
    num_unload_threads: int = _flag(0, "Accepted for compatibility; versions unload one after another")
    max_num_load_retries: int = _flag(5, "Further attempts to load a version that failed")
    load_retry_interval_micros: int = _flag(60_000_000, "Microseconds between attempts to load a version")
    tensorflow_session_parallelism: int = _flag(0, "Threads within and between operations; 0 is one a CPU")
    tensorflow_intra_op_parallelism: int = _flag(0, "Threads within an operation; 0 is one a CPU")
    tensorflow_inter_op_parallelism: int = _flag(0, "Threads between operations; 0 is one a CPU")
    per_process_gpu_memory_fraction: float = _flag(0.0, "Accepted for compatibility; this server uses CPUs")
    saved_model_tags: str = _flag("serve", "Comma-separated tags of the graph to load")
    enable_model_warmup: bool = _flag(True, "Send assets.extra/tf_serving_warmup_requests before serving")
    num_request_iterations_for_warmup: int = _flag(1, "Times each warm-up record is sent")
    monitoring_config_file: str = _flag("", "Ascii MonitoringConfig protobuf")
    enable_grpc_healthcheck_service: bool = _flag(False, "Offer grpc.health.v1.Health")
    enable_signature_method_name_check: bool = _flag(False, "Refuse signatures that are not for prediction")
    xla_cpu_compilation_enabled: bool = _flag(False, "Accepted for compatibility; XLA is not used")
    remove_unused_fields_from_bundle_metagraph: bool = _flag(True, "Accepted for compatibility")
    version: bool = _flag(False, "Print the version and exit")
    help: bool = _flag(False, "Print this text and exit")

    def parallelism(self) -> tuple[int, int]:
        """(intra, inter) threads to configure; 0 leaves the choice to TensorFlow, which counts CPUs."""
        intra, inter = self.tensorflow_intra_op_parallelism, self.tensorflow_inter_op_parallelism
        if intra > 0 or inter > 0:
            return intra, inter
        return self.tensorflow_session_parallelism, self.tensorflow_session_parallelism


def usage() -> str:
    """The text that upstream prints for a bad flag: one line a flag with its default."""
    defaults = Flags()
    lines = [f"usage: {PROGRAM}", "Flags:"]
    for spec in fields(Flags):
        value = getattr(defaults, spec.name)
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        kind = {"str": "string", "int": "int32"}.get(_kind(spec), _kind(spec))
        lines.append(f"\t{'--' + spec.name + '=' + shown:<50}\t{kind}\t{spec.metadata['help']}")
    return "\n".join(lines)


def _kind(spec: "Field[Any]") -> str:
    return spec.type if isinstance(spec.type, str) else spec.type.__name__


def parse(arguments: Sequence[str]) -> Flags:
    """Flags of a command line.

    Raises StartError for unknown flags, values of the wrong type and positional arguments.
    """
    specs = {spec.name: spec for spec in fields(Flags)}
    values: dict[str, int | str | bool | float] = {}
    for argument in arguments:
        name, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not name:
            raise StartError(f"Unknown argument: {argument}; expected --flag=value\n{usage()}")
        if name not in specs:
            raise StartError(f"Unknown flag: --{name}; {_nearest(name, list(specs))}\n{usage()}")
        values[name] = _value(specs[name], value if equals else None)
    return Flags(**values)  # type: ignore[arg-type]  # each value was read by its field's own type


def _nearest(name: str, known: list[str]) -> str:
    if name in NOT_OFFERED:
        return "upstream knows it, this stand-in does not offer it; leave it out"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean --{close[0]}?" if close else "it is not in the list below"


def _value(spec: "Field[Any]", text: str | None) -> int | str | bool | float:
    kind = _kind(spec)
    if kind == "bool":
        if text is None or text.lower() in TRUE:
            return True
        if text.lower() in FALSE:
            return False
    elif text is not None:
        convert: Callable[[str], int | float | str] = {"int": int, "float": float}.get(kind, str)
        with contextlib.suppress(ValueError):
            return convert(text)
    raise StartError(
        f"Couldn't interpret value {'(none)' if text is None else text} for flag {spec.name}. "
        f"--{spec.name}: expected {kind}, written --{spec.name}=VALUE\n{usage()}"
    )


def check(flags: Flags) -> None:
    """Refuse settings that contradict each other or lie out of range; raises StartError with all of them."""
    problems = [text for wrong, text in _rules(flags) if wrong]
    if problems:
        raise StartError("\n".join(problems))


def _rules(flags: Flags) -> list[tuple[bool, str]]:
    intra, inter = flags.tensorflow_intra_op_parallelism, flags.tensorflow_inter_op_parallelism
    session = flags.tensorflow_session_parallelism
    ports = (flags.port, flags.rest_api_port)
    return [
        (
            not flags.model_base_path and not flags.model_config_file,
            "Both server_options.model_base_path and server_options.model_config_file are empty!",
        ),
        (
            bool(flags.batching_parameters_file) and not flags.enable_batching,
            "server_options.batching_parameters_file is set without setting "
            "server_options.enable_batching to true.",
        ),
        (
            session > 0 and intra > 0 and inter > 0,
            "tensorflow_session_parallelism: expected 0 when both tensorflow_intra_op_parallelism and "
            f"tensorflow_inter_op_parallelism are set, got {session}; leave it out",
        ),
        (
            flags.port == 0,
            "port: expected 1-65535, got 0; server_options.grpc_port is not set.",
        ),
        (
            any(not 0 <= port <= 65535 for port in ports),
            f"port, rest_api_port: expected 0-65535, got {ports}; choose other ports",
        ),
        (
            ports[0] == ports[1] != 0,
            f"rest_api_port: expected another port than port ({flags.port}); change one of them",
        ),
        (
            flags.rest_api_num_threads < 1 or flags.grpc_max_threads < 1,
            f"rest_api_num_threads, grpc_max_threads: expected at least 1, got "
            f"{flags.rest_api_num_threads}, {flags.grpc_max_threads}",
        ),
        (
            min(session, intra, inter) < 0,
            f"tensorflow_*_parallelism: expected 0 or more, got {session}, {intra}, {inter}; 0 is one a CPU",
        ),
        (
            flags.rest_api_timeout_in_ms < 0,
            f"rest_api_timeout_in_ms: expected 0 or more, got {flags.rest_api_timeout_in_ms}",
        ),
        (
            min(flags.max_num_load_retries, flags.load_retry_interval_micros) < 0,
            "max_num_load_retries, load_retry_interval_micros: expected 0 or more",
        ),
    ]
