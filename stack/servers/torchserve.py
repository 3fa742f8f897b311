"""TorchServe: `config.properties` from settings."""

import json
from collections.abc import Mapping

from stack.servers.server import CONFIG_FOLDER, ModelServer, Port, Probes
from stack.settings import Settings

INFERENCE = Port("inference", 8080)
METRICS = Port("metrics", 8082)
HOME = "/home/model-server"


def command(_: Settings) -> tuple[str, ...]:
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
        "emotions=emotions.mar",
        "--ts-config",
        f"{CONFIG_FOLDER}/config.properties",
    )


def files(settings: Settings) -> Mapping[str, str]:
    """`config.properties`: inference and metrics on all of the pod's addresses, all else on its loopback."""
    properties = {
        "inference_address": f"http://0.0.0.0:{INFERENCE.number}",
        "metrics_address": f"http://0.0.0.0:{METRICS.number}",
        "management_address": "http://127.0.0.1:8081",
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "enable_model_api": "false",
        "allowed_urls": f"file://{HOME}/model-store/.*",
        "metrics_mode": "prometheus",
        "metrics_config": f"{HOME}/metrics.yaml",
        "max_request_size": str(2 * 2**20),
        "models": json.dumps({"emotions": {"1.0": _model(settings)}}),
    }
    return {"config.properties": "".join(f"{key}={value}\n" for key, value in properties.items())}


def _model(settings: Settings) -> dict[str, object]:
    torch = settings.torchserve
    return {
        "defaultVersion": True,
        "marName": "emotions.mar",
        "minWorkers": torch.min_workers,
        "maxWorkers": torch.max_workers,
        "batchSize": torch.batch_size,
        "maxBatchDelay": torch.max_batch_delay_millis,
        "responseTimeout": 30,
        "startupTimeout": 120,
    }


def environment(settings: Settings) -> Mapping[str, str]:
    """Every worker is a process of its own: without OMP_NUM_THREADS each takes all CPUs that it sees."""
    policy = settings.torchserve.omp_wait_policy
    return {
        "OMP_NUM_THREADS": str(settings.torchserve.threads_per_worker),
        **({"OMP_WAIT_POLICY": policy.upper()} if policy else {}),
        "TEMP": "/tmp",  # upstream's image names a folder of its read-only root
        "LOG_LOCATION": f"{HOME}/logs",
        "METRICS_LOCATION": f"{HOME}/logs",
    }


# /ping is healthy while workers still load their model; the management API tells each worker's state.
WORKERS_READY = (
    "import json, urllib.request as web; "
    "model = json.load(web.urlopen('http://127.0.0.1:8081/models/emotions', timeout=3))[0]; "
    "ready = sum(worker['status'] == 'READY' for worker in model['workers']); "
    "raise SystemExit(ready < int(model['minWorkers']))"
)


def _get(path: str) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": INFERENCE.name}}


def server(version: str) -> ModelServer:
    """TorchServe `version`. `/ping` fails once a worker is lost: a sign of readiness, not of life."""
    return ModelServer(
        name="torchserve",
        component="torchserve",
        image="emotion-torchserve",
        image_folder="torchserve",
        base_image=f"pytorch/torchserve:{version}",
        inference=INFERENCE,
        metrics=METRICS,
        metrics_path="/metrics",
        predict_path="/predictions/emotions",
        probes=Probes(
            startup={"exec": {"command": ["python3", "-c", WORKERS_READY]}}
            | {"periodSeconds": 2, "failureThreshold": 90, "timeoutSeconds": 5},
            readiness=_get("/ping") | {"periodSeconds": 5, "timeoutSeconds": 3},
            liveness={"tcpSocket": {"port": INFERENCE.name}, "periodSeconds": 10, "timeoutSeconds": 3},
        ),
        writable=("/tmp", f"{HOME}/logs"),
        command=command,
        environment=environment,
        files=files,
    )
