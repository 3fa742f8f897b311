"""Triton: its settings as the model's config.pbtxt, and how it is asked, read and counted."""

import json
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stack.quantities import mebibytes, millicores
from stack.queries import triton as metrics
from stack.rules import OneOf, Whole
from stack.schema import Problem, camel, setting
from stack.servers.model import Model
from stack.servers.reading import Process, Reading, UnreadableError, last_line
from stack.servers.server import (
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
)

HTTP = Port("http", 8000)
METRICS = Port("metrics", 8002)
REPOSITORY = "/models"
CONFIG_NAME = "stack"
STUB = "triton_python_backend_stub"  # the program of an instance
STUB_THREADS = 3  # its own, beside those of ONNX Runtime, in Triton 2.51
SERVER_MEBIBYTES = 100  # resident sizes
INSTANCE_MEBIBYTES = 150
SHARED_MEMORY = "256Mi"
HEAD_BYTES = 256  # of a body's JSON, padded: so its length, which a header tells, is the same for every photo
ALL_CLASSES = 1000
OF_PHOTOS = """\
input [
  { name: "image" data_type: TYPE_STRING dims: [ 1 ] optional: true },
  { name: "image_base64" data_type: TYPE_STRING dims: [ 1 ] optional: true }
]
output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ -1 ] label_filename: "labels.txt" } ]"""
RUNNING, THREADS = "instances that run", "threads of each instance that runs"
# Settings and where the server tells them, as GET /v2/models/MODEL/config names it.
PLACES: Mapping[str, tuple[str | int, ...]] = {
    "precision": ("parameters", "precision", "string_value"),
    "threads": ("parameters", "threads", "string_value"),
    "instances": ("instance_group", 0, "count"),
    "max_batch_size": ("max_batch_size",),
    "queue_delay_micros": ("dynamic_batching", "max_queue_delay_microseconds"),
    "queue_size": ("dynamic_batching", "default_queue_policy", "max_queue_size"),
}
# What changes the server or reads it out by HTTP wants a header that nobody knows.
RUN = (
    'exec tritonserver "$@" --http-restricted-api='
    "model-repository,shared-memory,trace,logging:closed=$(cat /proc/sys/kernel/random/uuid)"
)


@dataclass(frozen=True)
class Triton:
    """Triton's own settings. An instance is a process that decodes and computes one batch at a time."""

    precision: str = setting("f32", OneOf(("f32", "int8")), "numbers of the network's weights")
    instances: int = setting(1, Whole(1, 64), "processes that run the model")
    threads: int = setting(1, Whole(1, 64), "ONNX Runtime's threads in each instance")
    max_batch_size: int = setting(8, Whole(1, 256), "photos in the largest batch")
    queue_delay_micros: int = setting(0, Whole(0, 10_000_000), "longest wait for a batch to fill, µs")
    queue_size: int = setting(
        0, Whole(0, 100_000), "requests that may wait, more answer 503; 0: any number, and none gets stuck"
    )


def look(model: Model) -> str:
    """Shell that reads what the server says of the model."""
    return f"""
echo "@@ config"
python3 -c 'from urllib.request import urlopen
print(urlopen("http://127.0.0.1:{HTTP.number}{_url(model)}/config", timeout=5).read().decode())' 2>&1
"""


def stubs_alive(model: Model) -> str:
    """Shell: Triton calls itself ready while a stub process is dead and its share of the requests fails.

    A killed one stays as a zombie, whose command line is empty.
    """
    return (
        f"wanted=$(sed -n 's/.*count: \\([0-9]*\\).*/\\1/p' {_configs(model)}/{CONFIG_NAME}.pbtxt); "
        f'[ "$(grep -sl "[t]{STUB[1:]}" /proc/[0-9]*/cmdline | wc -l)" -ge "$wanted" ]'
    )


def _url(model: Model) -> str:
    return f"/v2/models/{model.name}"


def _configs(model: Model) -> str:
    return f"{REPOSITORY}/{model.name}/configs"


def command(_: Triton) -> tuple[str, ...]:
    """The container's command line; the shell is replaced by the server."""
    return (
        "sh",
        "-c",
        RUN,
        "tritonserver",
        f"--model-repository={REPOSITORY}",
        f"--model-config-name={CONFIG_NAME}",
        f"--http-port={HTTP.number}",
        "--allow-grpc=false",
        f"--metrics-port={METRICS.number}",
        "--metrics-config=summary_latencies=true",
        "--allow-gpu-metrics=false",
        "--exit-timeout-secs=10",
    )


def files(model: Model, wanted: Triton) -> Mapping[str, str]:
    """The model's configuration, which stands in its repository in place of a config.pbtxt."""
    text = f"""\
name: "{model.name}"
backend: "python"
max_batch_size: {wanted.max_batch_size}
{model.tensors or OF_PHOTOS}
instance_group [ {{ kind: KIND_CPU count: {wanted.instances} }} ]
dynamic_batching {{
  max_queue_delay_microseconds: {wanted.queue_delay_micros}
  default_queue_policy {{ max_queue_size: {wanted.queue_size} }}
}}
parameters [
  {{ key: "precision" value: {{ string_value: "{wanted.precision}" }} }},
  {{ key: "threads" value: {{ string_value: "{wanted.threads}" }} }}
]
"""
    return {f"{CONFIG_NAME}.pbtxt": text}


def intended(wanted: Triton) -> Mapping[str, object]:
    """The settings by path, and what they mean for processes."""
    return {
        **{_key(name): str(getattr(wanted, name)) for name in PLACES},
        RUNNING: wanted.instances,
        THREADS: str(wanted.threads),
    }


def effective(found: Reading) -> Mapping[str, object]:
    """What the server tells of its model, and the processes that run. Raises UnreadableError."""
    config = _config(found.more.get("config", ""))
    stubs = [process for process in found.processes if any(STUB in word for word in process.command[:1])]
    return {
        **{_key(name): _told(config, place) for name, place in PLACES.items()},
        RUNNING: len(stubs),
        THREADS: ", ".join(sorted({_threads(stub) for stub in stubs})) or "no instance",
    }


def _config(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"the server answered about its configuration {last_line(text)!r}") from error


def _told(config: object, place: tuple[str | int, ...]) -> str:
    found = config
    for key in place:
        try:
            found = found[key]  # type: ignore[index]  # as far as it is a list or an object
        except (TypeError, KeyError, IndexError) as error:
            raise UnreadableError(f"the configuration does not tell {'.'.join(map(str, place))}") from error
    return str(found)


def _threads(stub: Process) -> str:
    return "unknown" if stub.threads is None else str(stub.threads - STUB_THREADS)


def _key(name: str) -> str:
    return f"triton.{camel(name)}"


def contradictions(wanted: Triton, given: Collection[str]) -> Iterator[Problem]:
    """A delay only where there are batches."""
    if wanted.max_batch_size == 1 and "triton.queueDelayMicros" in given:
        yield Problem(
            "triton.queueDelayMicros",
            "nothing while triton.maxBatchSize is 1, where no request waits for another",
            str(wanted.queue_delay_micros),
            "remove it or set triton.maxBatchSize",
            ("triton.maxBatchSize",),
        )


def warnings(wanted: Triton, limits: Limits) -> Iterator[str]:
    """Instances that the limits are too small for; a bound for the queue, with which requests get stuck.

    Triton hands work to instances ahead of time unless its queue has a bound; then a request that comes while
    all are busy is looked at when another comes, or after 500 ms (core, src/dynamic_batch_scheduler.cc).
    """
    if wanted.queue_size:
        yield (
            f"triton.queueSize: with a bound ({wanted.queue_size}) a request that comes while all instances "
            "are busy waits until another comes, for up to 500 ms: slow at low rates; leave it out, and "
            "bound requests in flight by service.gateway.requestsInFlight"
        )
    if wanted.instances * wanted.threads * 1000 > millicores(limits.cpu):
        yield (
            f"triton.instances: {wanted.instances} instances × {wanted.threads} threads are more than "
            f"resources.cpuLimit ({limits.cpu}); they take turns and are throttled"
        )
    needed = SERVER_MEBIBYTES + wanted.instances * INSTANCE_MEBIBYTES + mebibytes(SHARED_MEMORY)
    if needed > mebibytes(limits.memory):
        yield (
            f"resources.memoryLimit: {limits.memory} is less than the {needed:.0f}Mi or so that "
            f"{wanted.instances} instances and their shared memory need; the container may be killed"
        )


def concurrency(wanted: Triton, _: int) -> Concurrency:
    """Each instance takes one batch at a time from the one queue."""
    return Concurrency(
        in_flight=None,
        lanes=wanted.instances,
        in_turns=True,
        most_rows=wanted.max_batch_size,
        fills=True,
        window_millis=wanted.queue_delay_micros / 1000 if wanted.max_batch_size > 1 else 0.0,
        threads=wanted.threads,
    )


def window(wanted: Triton) -> Window:
    """How batches are collected."""
    return Window(wanted.max_batch_size, wanted.queue_delay_micros / 1e6)


def body(photo: bytes) -> bytes:
    """A binary tensor after its description: no base64, hardly any JSON."""
    size = {"binary_data_size": len(photo) + 4}
    image = {"name": "image", "shape": [1, 1], "datatype": "BYTES", "parameters": size}
    answer = {"name": "probabilities", "parameters": {"classification": ALL_CLASSES}}
    head = json.dumps({"inputs": [image], "outputs": [answer]}).encode()
    return head.ljust(HEAD_BYTES) + struct.pack("<I", len(photo)) + photo


def answer(reply: object) -> object:
    """The classes as Triton tells them, `PROBABILITY:INDEX:NAME` with the likeliest first."""
    outputs = reply.get("outputs") if isinstance(reply, Mapping) else None
    told = outputs[0].get("data") if isinstance(outputs, list) and outputs else None
    if not isinstance(told, list) or not told:
        return None
    classes = [str(each).split(":", 2) for each in told]
    return {**{each[-1]: each[0] for each in classes}, "label": classes[0][-1]}


def _get(path: str) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": HTTP.name}}


def server(model: Model) -> ServerOf[Triton]:
    """Triton with a model."""
    return ServerOf(
        name="triton",
        title="Triton",
        component="triton",
        image=Image("emotion-triton", "triton", "nvcr.io/nvidia/tritonserver", export="triton", online=True),
        inference=HTTP,
        metrics=METRICS,
        metrics_path="/metrics",
        predict_path=f"{_url(model)}/infer",
        probes=Probes(
            startup=_get("/v2/health/ready") | {"periodSeconds": 1, "failureThreshold": 120},
            readiness=_get("/v2/health/ready") | {"periodSeconds": 5, "timeoutSeconds": 3},
            liveness={"exec": {"command": ["sh", "-c", stubs_alive(model)]}}
            | {"periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 2},
        ),
        writable=("/tmp",),
        config_folder=_configs(model),
        shared_memory=SHARED_MEMORY,
        precision=lambda wanted: wanted.precision,
        section=Triton,
        command=command,
        environment=lambda _: {"OPENBLAS_NUM_THREADS": "1"},  # NumPy's, which has no use for more
        files=partial(files, model),
        intended=intended,
        effective=effective,
        look=look(model),
        contradictions=contradictions,
        warnings=warnings,
        dialect=dialect(
            model,
            Dialect(
                body,
                answer,
                headers={
                    "Content-Type": "application/octet-stream",
                    "Inference-Header-Content-Length": str(HEAD_BYTES),
                },
            ),
        ),
        counters=metrics.COUNTERS,
        signals=metrics.SIGNALS,
        concurrency=concurrency,
        model=model,
        hands_over=True,
        window=window,
        in_process=None
        if model.adopted
        else InProcess(
            module="onnxruntime",
            model=f"{REPOSITORY}/{model.name}/1",
            exported=f"triton/{model.name}/1",
            file=lambda wanted: f"{wanted.precision}.onnx",
            threads=lambda wanted: (wanted.threads, 0),
            loader=Path(__file__).parent / "in_process" / "triton.py",
        ),
    )
