"""TensorFlow Serving: its settings as flags and text protos, and how it is asked, read and counted."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stack.quantities import millicores
from stack.queries import tf_serving as metrics
from stack.queries.query import BATCHING
from stack.rules import Whole
from stack.schema import Problem, Section, camel, setting
from stack.servers.model import Model
from stack.servers.reading import Reading, UnreadableError
from stack.servers.server import (
    CONFIG_FOLDER,
    Concurrency,
    Dialect,
    Image,
    InProcess,
    Limits,
    Port,
    Probes,
    ServerOf,
    Window,
    dialect,
    in_json,
)

REST = Port("rest", 8501)
METRICS_PATH = "/monitoring/prometheus/metrics"
REST_THREADS_PER_CPU = 4  # the server's default, model_servers/main.cc
TRUE = ("", "true", "1", "t", "yes")  # how a boolean flag is switched on
# Settings and the server's names for them, written and read back alike: flags, whose absence is 0, and the
# BatchingParameters of session_bundle_config.proto.
FLAGS = {
    "rest_threads": "rest_api_num_threads",
    "intra_op_threads": "tensorflow_intra_op_parallelism",
    "inter_op_threads": "tensorflow_inter_op_parallelism",
}
PARAMETERS = {
    "max_batch_size": "max_batch_size",
    "timeout_micros": "batch_timeout_micros",
    "threads": "num_batch_threads",
    "max_enqueued_batches": "max_enqueued_batches",
}
LOOK = r"""
echo "@@ batching"
file=$(tr '\000' '\n' </proc/1/cmdline | sed -n 's/^--batching_parameters_file=//p' | tail -n 1)
[ -z "$file" ] || cat "$file" 2>/dev/null
echo
"""


@dataclass(frozen=True)
class Batching:
    """TensorFlow Serving's batching parameters (its `session_bundle_config.proto`)."""

    max_batch_size: int = setting(32, Whole(1, 4096), "rows in the largest batch")
    timeout_micros: int = setting(1000, Whole(0, 10_000_000), "longest wait for a batch to fill, µs")
    threads: int = setting(2, Whole(1, 256), "batches computed at the same time")
    max_enqueued_batches: int = setting(10, Whole(1, 10_000), "batches that may wait; more answer 503")


@dataclass(frozen=True)
class TensorFlow:
    """TensorFlow Serving's own settings; 0 leaves the choice to the server."""

    intra_op_threads: int = setting(0, Whole(0, 256), "threads within one operation; 0 = CPUs")
    inter_op_threads: int = setting(0, Whole(0, 256), "operations at the same time; 0 = CPUs")
    rest_threads: int = setting(0, Whole(0, 4096), "REST threads, each holds one request; 0 = 4 × CPUs")
    batching: Batching | None = setting(None, Section(Batching), "off unless set")


def command(model: Model, wanted: TensorFlow) -> tuple[str, ...]:
    """The container's command line; the image's own entry point would hide SIGTERM behind a shell."""
    threads = {flag: getattr(wanted, name) for name, flag in FLAGS.items()}
    return (
        "tensorflow_model_server",
        "--port=8500",
        f"--rest_api_port={REST.number}",
        f"--model_name={model.name}",
        f"--model_base_path=/models/{model.name}",
        f"--monitoring_config_file={CONFIG_FOLDER}/monitoring.config",
        *(f"--{flag}={value}" for flag, value in threads.items() if value),
        *(_batching_flags() if wanted.batching else ()),
    )


def _batching_flags() -> tuple[str, ...]:
    return ("--enable_batching", f"--batching_parameters_file={CONFIG_FOLDER}/batching.config")


def files(wanted: TensorFlow) -> Mapping[str, str]:
    """Text protos that the flags name."""
    monitoring = f'prometheus_config {{ enable: true path: "{METRICS_PATH}" }}\n'
    batching_files = {"batching.config": batching_file(wanted.batching)} if wanted.batching else {}
    return {"monitoring.config": monitoring, **batching_files}


def batching_file(batching: Batching) -> str:
    """BatchingParameters as text."""
    return "".join(f"{name} {{ value: {getattr(batching, key)} }}\n" for key, name in PARAMETERS.items())


def batching_values(proto: str) -> dict[str, int]:
    """The inverse: the wrapped whole numbers of BatchingParameters, however they are written."""
    bare = re.sub(r"#[^\n]*", "", proto)
    found = re.findall(r"(\w+)\s*:?\s*[{<]\s*value\s*:\s*(-?\d+)\s*[}>]", bare)
    return {name: int(value) for name, value in found}


def intended(wanted: TensorFlow) -> Mapping[str, object]:
    """The settings by path."""
    batching = wanted.batching
    return {
        **{_key(name): str(getattr(wanted, name)) for name in FLAGS},
        "tensorflow.batching": batching is not None,
        **({_key(name, "batching."): getattr(batching, name) for name in PARAMETERS} if batching else {}),
    }


def effective(found: Reading) -> Mapping[str, object]:
    """The settings of a running server, from its command line and batching file. Raises UnreadableError."""
    flags = found.flags
    threads = {_key(name): flags.get(flag, "0") for name, flag in FLAGS.items()}
    if flags.get("enable_batching", "false") not in TRUE:
        return {**threads, "tensorflow.batching": False}
    proto = found.more.get("batching", "")
    if not proto.strip():
        raise UnreadableError(f"batching file {flags.get('batching_parameters_file', '(none)')} is empty")
    values = batching_values(proto)
    batching = {_key(key, "batching."): values.get(name) for key, name in PARAMETERS.items()}
    return {**threads, "tensorflow.batching": True, **batching}


def _key(name: str, group: str = "") -> str:
    return f"tensorflow.{group}{camel(name)}"


def contradictions(wanted: TensorFlow, _: Collection[str]) -> Iterator[Problem]:
    """A batch needs more REST threads than it has rows."""
    threads, batching = wanted.rest_threads, wanted.batching
    if batching and 0 < threads <= batching.max_batch_size:
        at = "tensorflow.batching.maxBatchSize"
        yield Problem(
            "tensorflow.restThreads",
            f"0 or > {at} ({batching.max_batch_size})",
            str(threads),
            f"each waiting request holds a thread, set it to {2 * batching.max_batch_size + 1}",
            (at,),
        )


def warnings(wanted: TensorFlow, limits: Limits) -> Iterator[str]:
    """The same of the threads that the server chooses."""
    batching, threads = wanted.batching, REST_THREADS_PER_CPU * millicores(limits.cpu) // 1000
    if batching and not wanted.rest_threads and batching.max_batch_size >= threads:
        yield (
            f"tensorflow.restThreads: 0 gives {REST_THREADS_PER_CPU} threads a CPU, and each waiting request "
            f"holds one; batches of {batching.max_batch_size} may never fill, "
            f"set it to {2 * batching.max_batch_size + 1}"
        )


def concurrency(wanted: TensorFlow, cpus: int) -> Concurrency:
    """Each request holds a REST thread until it is answered, and one of them is the event loop's.

    Threads left to the server's choice are by the CPUs that it sees, which a limit does not change. All runs
    share the inter-op pool. A batch of one-row requests cannot be larger than the requests in flight.
    """
    inter, batching = wanted.inter_op_threads or cpus, wanted.batching
    in_flight = max(1, (wanted.rest_threads or REST_THREADS_PER_CPU * cpus) - 1)
    return Concurrency(
        in_flight=in_flight,
        lanes=min(inter, batching.threads if batching else in_flight),
        in_turns=batching is not None,
        most_rows=min(batching.max_batch_size, in_flight) if batching else 1,
        fills=batching is None or batching.max_batch_size <= in_flight,
        window_millis=batching.timeout_micros / 1000 if batching and batching.max_batch_size > 1 else 0.0,
        threads=wanted.intra_op_threads or cpus,
    )


def window(wanted: TensorFlow) -> Window | None:
    """How batches are collected; None while batching is off."""
    batching = wanted.batching
    return Window(batching.max_batch_size, batching.timeout_micros / 1e6) if batching else None


def _first_prediction(reply: object) -> object:
    rows = reply.get("predictions") if isinstance(reply, Mapping) else None
    return rows[0] if isinstance(rows, list) and rows else None


def _get(path: str) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": REST.name}}


def server(model: Model) -> ServerOf[TensorFlow]:
    """Ready means that the metadata can be had: the status page answers 200 in any state of the model."""
    url = f"/v1/models/{model.name}"
    return ServerOf(
        name="tensorflow",
        title="TensorFlow Serving",
        component="tensorflow-serving",
        image=Image("emotion-tensorflow-serving", "tf_serving", "tensorflow/serving", export="tensorflow"),
        inference=REST,
        metrics=REST,
        metrics_path=METRICS_PATH,
        predict_path=f"{url}:predict",
        probes=Probes(
            startup=_get(f"{url}/metadata") | {"periodSeconds": 1, "failureThreshold": 120},
            readiness=_get(f"{url}/metadata") | {"periodSeconds": 5, "timeoutSeconds": 3},
            liveness={"tcpSocket": {"port": REST.name}, "periodSeconds": 10, "timeoutSeconds": 3},
        ),
        writable=("/tmp",),
        section=TensorFlow,
        command=partial(command, model),
        environment=lambda _: {"TF_CPP_MIN_LOG_LEVEL": "1"},
        files=files,
        intended=intended,
        effective=effective,
        look=LOOK,
        contradictions=contradictions,
        warnings=warnings,
        dialect=dialect(
            model, Dialect(in_json(lambda photo: {"instances": [{"b64": photo}]}), _first_prediction)
        ),
        counters=metrics.COUNTERS,
        signals=metrics.SIGNALS,
        concurrency=concurrency,
        model=model,
        shared_pool=True,
        window=window,
        features=lambda wanted: (BATCHING,) if wanted.batching else (),
        in_process=None
        if model.adopted
        else InProcess(
            module="tensorflow",
            model=f"/models/{model.name}",
            exported=f"tensorflow/{model.name}",
            threads=lambda wanted: (wanted.intra_op_threads, wanted.inter_op_threads),
            loader=Path(__file__).parent / "in_process" / "tf_serving.py",
        ),
    )
