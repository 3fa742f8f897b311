"""TorchServe: its settings as `config.properties`, and how it is asked, read and counted."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from stack.quantities import mebibytes, millicores
from stack.queries import torchserve as metrics
from stack.rules import OneOf, Whole
from stack.schema import Problem, camel, setting
from stack.servers.model import Model
from stack.servers.reading import Reading, UnreadableError, last_line
from stack.servers.server import (
    CONFIG_FOLDER,
    MOST_BODY,
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

INFERENCE = Port("inference", 8080)
METRICS = Port("metrics", 8082)
HOME = "/home/model-server"
MANAGEMENT = "http://127.0.0.1:8081"
WORKER = "model_service_worker.py"  # the program of a worker, in every version
WORKER_MEBIBYTES = 300  # resident size of a worker with this model
SERVER_MEBIBYTES = 600  # resident size of the Java process
# Settings and the server's names for them, written and read back alike: those of the model, in
# config.properties and in the management API, and each worker's environment.
MODEL = {
    "min_workers": "minWorkers",
    "max_workers": "maxWorkers",
    "batch_size": "batchSize",
    "max_batch_delay_millis": "maxBatchDelay",
}
ENVIRONMENT = {"threads_per_worker": "OMP_NUM_THREADS", "omp_wait_policy": "OMP_WAIT_POLICY"}
READY = "workers that are READY"


@dataclass(frozen=True)
class TorchServe:
    """TorchServe's own settings. It has no load loop: more than `minWorkers` never start by themselves."""

    min_workers: int = setting(1, Whole(1, 64), "worker processes that run")
    max_workers: int = setting(1, Whole(1, 64), "most workers that the management API may ask for")
    batch_size: int = setting(1, Whole(1, 1024), "requests in the largest batch")
    max_batch_delay_millis: int = setting(10, Whole(0, 10_000), "longest wait for a batch to fill, ms")
    threads_per_worker: int = setting(1, Whole(1, 64), "PyTorch threads in each worker")
    omp_wait_policy: str | None = setting(
        None,
        OneOf(("active", "passive")),
        "whether idle PyTorch threads spin or sleep; unset: OpenMP's choice",
    )


def look(model: Model) -> str:
    """Shell that reads the management API."""
    return f"""
echo "@@ management"
python3 -c 'from urllib.request import urlopen
print(urlopen("{MANAGEMENT}/models/{model.name}", timeout=5).read().decode())' 2>&1
"""


def workers_ready(model: Model) -> str:
    """Python: /ping is healthy while workers still load; the management API tells each worker's state."""
    return (
        "import json, urllib.request as web; "
        f"model = json.load(web.urlopen('{MANAGEMENT}/models/{model.name}', timeout=3))[0]; "
        "ready = sum(worker['status'] == 'READY' for worker in model['workers']); "
        "raise SystemExit(ready < int(model['minWorkers']))"
    )


def command(model: Model, _: TorchServe) -> tuple[str, ...]:
    """The container's command line; `--foreground` keeps the server itself as the container's process."""
    return (
        "torchserve",
        "--start",
        "--foreground",
        "--ncs",
        "--disable-token-auth",
        "--model-store",
        f"{HOME}/model-store",
        "--models",
        f"{model.name}={model.name}.mar",
        "--ts-config",
        f"{CONFIG_FOLDER}/config.properties",
    )


def files(model: Model, wanted: TorchServe) -> Mapping[str, str]:
    """`config.properties`: inference and metrics on all of the pod's addresses, all else on its loopback."""
    properties = {
        "inference_address": f"http://0.0.0.0:{INFERENCE.number}",
        "metrics_address": f"http://0.0.0.0:{METRICS.number}",
        "management_address": MANAGEMENT,
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "enable_model_api": "false",
        "allowed_urls": f"file://{HOME}/model-store/.*",
        "metrics_mode": "prometheus",
        "metrics_config": f"{HOME}/metrics.yaml",
        "max_request_size": str(MOST_BODY),
        "models": json.dumps({model.name: {"1.0": _model(model, wanted)}}),
    }
    return {"config.properties": "".join(f"{key}={value}\n" for key, value in properties.items())}


def _model(model: Model, wanted: TorchServe) -> dict[str, object]:
    return {
        "defaultVersion": True,
        "marName": f"{model.name}.mar",
        **{name: getattr(wanted, key) for key, name in MODEL.items()},
        "responseTimeout": 30,
        "startupTimeout": 120,
    }


def environment(wanted: TorchServe) -> Mapping[str, str]:
    """Every worker is a process of its own: without OMP_NUM_THREADS each takes all CPUs that it sees."""
    return {
        **{name: value for name, value in _variables(wanted).items() if value},
        "TEMP": "/tmp",  # upstream's image names a folder of its read-only root
        "LOG_LOCATION": f"{HOME}/logs",
        "METRICS_LOCATION": f"{HOME}/logs",
    }


def _variables(wanted: TorchServe) -> dict[str, str]:
    """Of every worker; empty: unset."""
    values = {variable: getattr(wanted, key) for key, variable in ENVIRONMENT.items()}
    return {variable: str(value or "").upper() for variable, value in values.items()}


def intended(wanted: TorchServe) -> Mapping[str, object]:
    """The settings by path."""
    variables = _variables(wanted)
    return {
        **{_key(key): getattr(wanted, key) for key in MODEL},
        READY: wanted.min_workers,
        **{_key(key): variables[name] or "unset" for key, name in ENVIRONMENT.items()},
    }


def effective(found: Reading) -> Mapping[str, object]:
    """The management API's values, the workers that run, and what each has. Raises UnreadableError."""
    model = _managed(found.more.get("management", ""))
    workers = cast("list[Mapping[str, object]]", model.get("workers") or [])
    return {
        **{_key(key): _number(model, name) for key, name in MODEL.items()},
        READY: sum(worker.get("status") == "READY" for worker in workers),
        **{_key(key): _of_workers(found, name) for key, name in ENVIRONMENT.items()},
    }


def _managed(text: str) -> Mapping[str, object]:
    try:
        versions = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"the management API answered {last_line(text)!r}") from error
    if not isinstance(versions, list) or len(versions) != 1 or not isinstance(versions[0], dict):
        raise UnreadableError(f"expected one version of the model, got {text[:200]!r}")
    return versions[0]


def _number(model: Mapping[str, object], key: str) -> int:
    found = model.get(key)
    if not isinstance(found, int):
        raise UnreadableError(f"the management API does not tell {key}")
    return found


def _of_workers(found: Reading, variable: str) -> str:
    """What all worker processes have: one value is right, several or none never are."""
    workers = [process for process in found.processes if any(WORKER in word for word in process.command)]
    values = {worker.openmp.get(variable, "unset") for worker in workers}
    return ", ".join(sorted(values)) or "no worker"


def _key(name: str) -> str:
    return f"torchserve.{camel(name)}"


def contradictions(wanted: TorchServe, given: Collection[str]) -> Iterator[Problem]:
    """Workers between their bounds; a delay only where there are batches."""
    if wanted.min_workers > wanted.max_workers:
        at = "torchserve.maxWorkers"
        fix = "raise maxWorkers or lower minWorkers"
        yield Problem(
            "torchserve.minWorkers", f"≤ {at} ({wanted.max_workers})", str(wanted.min_workers), fix, (at,)
        )
    if wanted.batch_size == 1 and "torchserve.maxBatchDelayMillis" in given:
        yield Problem(
            "torchserve.maxBatchDelayMillis",
            "nothing while torchserve.batchSize is 1, where no request waits for another",
            str(wanted.max_batch_delay_millis),
            "remove it or set torchserve.batchSize",
            ("torchserve.batchSize",),
        )


def warnings(wanted: TorchServe, limits: Limits) -> Iterator[str]:
    """Workers that the limits are too small for."""
    if wanted.min_workers * wanted.threads_per_worker * 1000 > millicores(limits.cpu):
        yield (
            f"torchserve.minWorkers: {wanted.min_workers} workers × {wanted.threads_per_worker} threads are "
            f"more than resources.cpuLimit ({limits.cpu}); they take turns and are throttled"
        )
    needed = SERVER_MEBIBYTES + wanted.min_workers * WORKER_MEBIBYTES
    if needed > mebibytes(limits.memory):
        yield (
            f"resources.memoryLimit: {limits.memory} is less than the {needed}Mi or so "
            f"that {wanted.min_workers} workers need; the container may be killed"
        )


def concurrency(wanted: TorchServe, _: int) -> Concurrency:
    """`minWorkers` processes: TorchServe has no loop that starts more.

    Only one worker collects at a time, so that batches are as large as if there were one queue.
    """
    return Concurrency(
        in_flight=None,
        lanes=wanted.min_workers,
        in_turns=True,
        most_rows=wanted.batch_size,
        fills=True,
        window_millis=wanted.max_batch_delay_millis if wanted.batch_size > 1 else 0.0,
        threads=wanted.threads_per_worker,
    )


def window(wanted: TorchServe) -> Window:
    """How batches are collected."""
    return Window(wanted.batch_size, wanted.max_batch_delay_millis / 1000)


def _get(path: str) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": INFERENCE.name}}


def server(model: Model) -> ServerOf[TorchServe]:
    """`/ping` fails once a worker is lost: a sign of readiness, not of life."""
    archive = f"{model.name}.mar"
    return ServerOf(
        name="torchserve",
        title="TorchServe",
        component="torchserve",
        image=Image("emotion-torchserve", "torchserve", "pytorch/torchserve", export="torchserve"),
        inference=INFERENCE,
        metrics=METRICS,
        metrics_path="/metrics",
        predict_path=f"/predictions/{model.name}",
        probes=Probes(
            startup={"exec": {"command": ["python3", "-c", workers_ready(model)]}}
            | {"periodSeconds": 2, "failureThreshold": 90, "timeoutSeconds": 5},
            readiness=_get("/ping") | {"periodSeconds": 5, "timeoutSeconds": 3},
            liveness={"tcpSocket": {"port": INFERENCE.name}, "periodSeconds": 10, "timeoutSeconds": 3},
        ),
        writable=("/tmp", f"{HOME}/logs"),
        section=TorchServe,
        command=partial(command, model),
        environment=environment,
        files=partial(files, model),
        intended=intended,
        effective=effective,
        look=look(model),
        contradictions=contradictions,
        warnings=warnings,
        dialect=dialect(model, Dialect(in_json(lambda photo: {"data": photo}), lambda reply: reply)),
        counters=metrics.COUNTERS,
        signals=metrics.SIGNALS,
        concurrency=concurrency,
        model=model,
        window=window,
        in_process=None
        if model.adopted
        else InProcess(
            module="torch",
            model=f"{HOME}/model-store/{archive}",
            exported=f"torchserve/{archive}",
            threads=lambda wanted: (wanted.threads_per_worker, 0),
            loader=Path(__file__).parent / "in_process" / "torchserve.py",
        ),
    )
