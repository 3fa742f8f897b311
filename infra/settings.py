"""Every setting of a stack, its default and its meaning; contradictions between settings.

Users set them in `Pulumi.<stack>.yaml` or by `pulumi config set [--path] KEY VALUE`; their namespace is
`emotion-serving`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.rules import Cpu, Flag, Memory, OneOf, Text, Whole, Words, mebibytes, millicores
from infra.schema import Section, SettingsError, parse, setting

SERVERS = ("tensorflow", "torchserve")


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


@dataclass(frozen=True)
class TorchServe:
    """TorchServe's own settings. It has no load loop: more than `minWorkers` never start by themselves."""

    min_workers: int = setting(1, Whole(1, 64), "worker processes that run")
    max_workers: int = setting(1, Whole(1, 64), "most workers that the management API may ask for")
    batch_size: int = setting(1, Whole(1, 1024), "requests in the largest batch")
    max_batch_delay_millis: int = setting(10, Whole(0, 10_000), "longest wait for a batch to fill, ms")
    threads_per_worker: int = setting(1, Whole(1, 64), "PyTorch threads in each worker")


@dataclass(frozen=True)
class Resources:
    """Requests and limits of one serving container."""

    cpu_request: str = setting("250m", Cpu(), "CPU that the scheduler reserves")
    cpu_limit: str = setting("2", Cpu(), "CPU that the container may use")
    memory_request: str = setting("512Mi", Memory(), "memory that the scheduler reserves")
    memory_limit: str = setting("2Gi", Memory(), "memory at which the container is killed")


@dataclass(frozen=True)
class ServiceSettings:
    """How clients reach a server."""

    type: str = setting("NodePort", OneOf(("ClusterIP", "NodePort", "LoadBalancer")), "type of the Service")


@dataclass(frozen=True)
class PrometheusSettings:
    """The platform's Prometheus."""

    retention: str = setting("2h", Text(r"[1-9]\d*[smhdw]", "a duration such as 2h or 7d"), "age kept")
    storage: str = setting("2Gi", Memory(), "size of its volume")


@dataclass(frozen=True)
class Platform:
    """What the whole cluster shares; declared once, by the stack of the cluster."""

    enabled: bool = setting(False, Flag(), "declare metrics-server and Prometheus in this stack")
    prometheus: PrometheusSettings = setting(PrometheusSettings(), Section(PrometheusSettings), "see below")
    kubelet_insecure_tls: bool | None = setting(
        None, Flag(), "metrics-server trusts any kubelet; unset: only on minikube, which signs its own"
    )


@dataclass(frozen=True)
class Settings:
    """One stack."""

    servers: tuple[str, ...] = setting(SERVERS, Words(SERVERS), "model servers to run")
    replicas: int = setting(1, Whole(1, 20), "pods of each server")
    tensorflow: TensorFlow = setting(TensorFlow(), Section(TensorFlow), "see below")
    torchserve: TorchServe = setting(TorchServe(), Section(TorchServe), "see below")
    resources: Resources = setting(Resources(), Section(Resources), "see below")
    service: ServiceSettings = setting(ServiceSettings(), Section(ServiceSettings), "see below")
    kube_contexts: tuple[str, ...] = setting(
        ("minikube", "embedded"), Words(), "the first of these kubeconfig contexts that exists is the target"
    )
    registry: str | None = setting(
        None,
        Text(r"[a-z0-9][a-z0-9.:/_-]*[a-z0-9]", "a registry and path such as registry.example.com/team"),
        "where images are pushed; unset: the cluster's own local registry or minikube's Docker",
    )
    platform: Platform = setting(Platform(), Section(Platform), "see below")


def read(raw: Mapping[str, object]) -> Settings:
    """Settings from the stack's configuration (keys without namespace).

    Raises SettingsError with every problem found.
    """
    settings, problems = parse(Settings, raw)
    problems += [] if problems else _contradictions(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    return [*_resource_contradictions(settings.resources), *_server_contradictions(settings)]


def _resource_contradictions(resources: Resources) -> list[str]:
    problems = []
    if millicores(resources.cpu_request) > millicores(resources.cpu_limit):
        problems.append(_above("cpu", resources.cpu_limit, resources.cpu_request))
    if mebibytes(resources.memory_request) > mebibytes(resources.memory_limit):
        problems.append(_above("memory", resources.memory_limit, resources.memory_request))
    return problems


def _above(what: str, limit: str, request: str) -> str:
    return (
        f'resources.{what}Request: expected ≤ resources.{what}Limit ({limit}), got "{request}"; '
        "lower the request or raise the limit"
    )


def _server_contradictions(settings: Settings) -> list[str]:
    torch, batching = settings.torchserve, settings.tensorflow.batching
    problems = []
    if torch.min_workers > torch.max_workers:
        problems.append(
            f"torchserve.minWorkers: expected ≤ torchserve.maxWorkers ({torch.max_workers}), "
            f"got {torch.min_workers}; raise maxWorkers"
        )
    if batching and 0 < settings.tensorflow.rest_threads <= batching.max_batch_size:
        problems.append(
            f"tensorflow.restThreads: expected 0 or > tensorflow.batching.maxBatchSize "
            f"({batching.max_batch_size}), got {settings.tensorflow.rest_threads}; "
            f"each waiting request holds a thread, set it to {2 * batching.max_batch_size + 1}"
        )
    return problems
