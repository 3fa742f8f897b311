"""TensorFlow Serving: flags, batching file and monitoring file from settings."""

from collections.abc import Mapping

from stack.servers.server import CONFIG_FOLDER, ModelServer, Port, Probes
from stack.settings import Batching, Settings

REST = Port("rest", 8501)
METRICS_PATH = "/monitoring/prometheus/metrics"
MODEL_URL = "/v1/models/emotions"


def command(settings: Settings) -> tuple[str, ...]:
    """The container's command line; the image's own entry point would hide SIGTERM behind a shell."""
    tensorflow = settings.tensorflow
    threads = {
        "rest_api_num_threads": tensorflow.rest_threads,
        "tensorflow_intra_op_parallelism": tensorflow.intra_op_threads,
        "tensorflow_inter_op_parallelism": tensorflow.inter_op_threads,
    }
    return (
        "tensorflow_model_server",
        "--port=8500",
        f"--rest_api_port={REST.number}",
        "--model_name=emotions",
        "--model_base_path=/models/emotions",
        f"--monitoring_config_file={CONFIG_FOLDER}/monitoring.config",
        *(f"--{flag}={value}" for flag, value in threads.items() if value),
        *(_batching_flags() if tensorflow.batching else ()),
    )


def _batching_flags() -> tuple[str, ...]:
    return ("--enable_batching", f"--batching_parameters_file={CONFIG_FOLDER}/batching.config")


def files(settings: Settings) -> Mapping[str, str]:
    """Text protos that the flags name."""
    monitoring = f'prometheus_config {{ enable: true path: "{METRICS_PATH}" }}\n'
    batching = settings.tensorflow.batching
    batching_files = {"batching.config": batching_file(batching)} if batching else {}
    return {"monitoring.config": monitoring, **batching_files}


def batching_file(batching: Batching) -> str:
    """`session_bundle_config.proto`'s BatchingParameters as text."""
    values = {
        "max_batch_size": batching.max_batch_size,
        "batch_timeout_micros": batching.timeout_micros,
        "num_batch_threads": batching.threads,
        "max_enqueued_batches": batching.max_enqueued_batches,
    }
    return "".join(f"{name} {{ value: {value} }}\n" for name, value in values.items())


def _environment(_: Settings) -> Mapping[str, str]:
    return {"TF_CPP_MIN_LOG_LEVEL": "1"}


def _get(path: str) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": REST.name}}


def server(version: str) -> ModelServer:
    """TensorFlow Serving `version`.

    Ready means that the metadata can be had: the status page answers 200 in any state of the model.
    """
    return ModelServer(
        name="tensorflow",
        component="tensorflow-serving",
        image="emotion-tensorflow-serving",
        image_folder="tf_serving",
        base_image=f"tensorflow/serving:{version}",
        inference=REST,
        metrics=REST,
        metrics_path=METRICS_PATH,
        predict_path=f"{MODEL_URL}:predict",
        probes=Probes(
            startup=_get(f"{MODEL_URL}/metadata") | {"periodSeconds": 1, "failureThreshold": 120},
            readiness=_get(f"{MODEL_URL}/metadata") | {"periodSeconds": 5, "timeoutSeconds": 3},
            liveness={"tcpSocket": {"port": REST.name}, "periodSeconds": 10, "timeoutSeconds": 3},
        ),
        writable=("/tmp",),
        command=command,
        environment=_environment,
        files=files,
    )
