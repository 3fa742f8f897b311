"""Every setting of a stack, its default and its meaning; contradictions between settings.

Users set them in `Pulumi.<stack>.yaml` or by `pulumi config set [--path] KEY VALUE`; their namespace is
`emotion-serving`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass

from infra.rules import Cpu, Flag, Labels, Memory, OneOf, Real, Text, Whole, Words, mebibytes, millicores
from infra.schema import Section, SettingsError, parse, setting

SERVERS = ("tensorflow", "torchserve")
DNS_NAME = r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?"
HOST = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+"
URL = r"https?://[^\s/]+(/\S*)?"


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
class ScalingPace:
    """One direction of an autoscaler (autoscaling/v2, HPAScalingRules)."""

    stabilization_seconds: int = setting(
        0, Whole(0, 3600), "time over which wishes are compared; the calmest wins"
    )
    pods: int = setting(4, Whole(1, 20), "pods that may come or go in one period")
    period_seconds: int = setting(15, Whole(1, 1800), "length of that period")


@dataclass(frozen=True)
class Behavior:
    """How fast an autoscaler follows its metric; the defaults are Kubernetes' own."""

    scale_up: ScalingPace = setting(ScalingPace(), Section(ScalingPace), "see below")
    scale_down: ScalingPace = setting(
        ScalingPace(stabilization_seconds=300, pods=20), Section(ScalingPace), "see below"
    )


@dataclass(frozen=True)
class Autoscaling:
    """A HorizontalPodAutoscaler for each server; it owns the number of replicas."""

    min_replicas: int = setting(1, Whole(1, 20), "fewest pods")
    max_replicas: int = setting(2, Whole(1, 20), "most pods")
    target_cpu_utilization: int = setting(50, Whole(1, 400), "CPU to aim at, % of resources.cpuRequest")
    behavior: Behavior = setting(Behavior(), Section(Behavior), "see below")


@dataclass(frozen=True)
class Resources:
    """Requests and limits of one serving container."""

    cpu_request: str = setting("250m", Cpu(), "CPU that the scheduler reserves")
    cpu_limit: str = setting("2", Cpu(), "CPU that the container may use")
    memory_request: str = setting("512Mi", Memory(), "memory that the scheduler reserves")
    memory_limit: str = setting("2Gi", Memory(), "memory at which the container is killed")


@dataclass(frozen=True)
class Ingress:
    """An Ingress before the Services, one path a server."""

    class_name: str = setting(
        MISSING, Text(DNS_NAME, "the name of an IngressClass"), "IngressClass that serves it"
    )
    host: str = setting(
        MISSING, Text(HOST, "a host name such as emotions.example.com"), "host name of the requests"
    )
    tls_secret: str | None = setting(
        None, Text(DNS_NAME, "the name of a Secret"), "certificate; unset: plain HTTP"
    )


@dataclass(frozen=True)
class ServiceSettings:
    """How clients reach a server."""

    type: str = setting("NodePort", OneOf(("ClusterIP", "NodePort", "LoadBalancer")), "type of the Service")
    publish_metrics: bool = setting(
        False, Flag(), "publish TorchServe's metrics port (8082) too, as the thesis did"
    )
    annotations: tuple[tuple[str, str], ...] = setting(
        (), Labels(), "annotations of the Service: a cloud's load-balancer options"
    )
    ingress: Ingress | None = setting(None, Section(Ingress), "none unless set")


@dataclass(frozen=True)
class Availability:
    """What keeps a service up while nodes come and go, and who may talk to it."""

    pod_disruption_budget: bool = setting(
        True, Flag(), "at most one pod of a server may be evicted at a time"
    )
    topology_spread: bool = setting(True, Flag(), "prefer different nodes for the pods of a server")
    network_policies: bool = setting(
        True, Flag(), "deny all traffic but inference in and metrics to Prometheus"
    )


@dataclass(frozen=True)
class Slo:
    """The service-level objective that alerts and dashboards draw."""

    p95_millis: int = setting(50, Whole(1, 60_000), "95 % of requests are answered within, ms")
    error_percent: float = setting(0.1, Real(0.001, 100), "failed requests at most, %")


@dataclass(frozen=True)
class MetricsServerSettings:
    """The platform's metrics-server."""

    enabled: bool = setting(True, Flag(), "false: the cluster has one")
    kubelet_insecure_tls: bool | None = setting(
        None, Flag(), "trust any kubelet; unset: only on minikube, whose kubelet signs its own certificate"
    )


@dataclass(frozen=True)
class PrometheusSettings:
    """The platform's Prometheus."""

    enabled: bool = setting(True, Flag(), "false: use the one at platform.prometheus.url")
    url: str | None = setting(
        None,
        Text(URL, "a URL such as http://prometheus.monitoring:9090"),
        "an existing Prometheus, for Grafana",
    )
    retention: str = setting("2h", Text(r"[1-9]\d*[smhdw]", "a duration such as 2h or 7d"), "age kept")
    storage: str = setting("2Gi", Memory(), "size of its volume")
    storage_class: str | None = setting(
        None,
        Text(DNS_NAME, "the name of a StorageClass"),
        "a PersistentVolumeClaim of this class; unset: an emptyDir, lost with the pod",
    )
    scrape_seconds: int = setting(10, Whole(5, 60), "time between two scrapes; rate windows follow it")


@dataclass(frozen=True)
class GrafanaSettings:
    """The platform's Grafana. Its admin password is generated and kept as a secret."""

    enabled: bool = setting(True, Flag(), "false: no Grafana; import the dashboards into an existing one")
    service_type: str = setting(
        "NodePort", OneOf(("ClusterIP", "NodePort", "LoadBalancer")), "type of its Service"
    )


@dataclass(frozen=True)
class Platform:
    """What the whole cluster shares; declared once, by the stack of the cluster."""

    enabled: bool = setting(False, Flag(), "declare metrics-server, Prometheus and Grafana in this stack")
    metrics_server: MetricsServerSettings = setting(
        MetricsServerSettings(), Section(MetricsServerSettings), "see below"
    )
    prometheus: PrometheusSettings = setting(PrometheusSettings(), Section(PrometheusSettings), "see below")
    grafana: GrafanaSettings = setting(GrafanaSettings(), Section(GrafanaSettings), "see below")


@dataclass(frozen=True)
class Variant:
    """What the README's table says of a stack; it changes nothing in the cluster."""

    thesis: int | None = setting(None, Whole(1, 9), "number of the variant in the thesis")
    saw: str | None = setting(None, Text(".+", "a sentence"), "what the thesis saw")
    really: str | None = setting(None, Text(".+", "a sentence"), "what it really is")


@dataclass(frozen=True)
class Settings:
    """One stack."""

    variant: Variant = setting(Variant(), Section(Variant), "see below")
    servers: tuple[str, ...] = setting(SERVERS, Words(SERVERS), "model servers to run")
    replicas: int = setting(1, Whole(1, 20), "pods of each server; with autoscaling leave it out")
    autoscaling: Autoscaling | None = setting(None, Section(Autoscaling), "off unless set")
    tensorflow: TensorFlow = setting(TensorFlow(), Section(TensorFlow), "see below")
    torchserve: TorchServe = setting(TorchServe(), Section(TorchServe), "see below")
    resources: Resources = setting(Resources(), Section(Resources), "see below")
    service: ServiceSettings = setting(ServiceSettings(), Section(ServiceSettings), "see below")
    availability: Availability = setting(Availability(), Section(Availability), "see below")
    slo: Slo = setting(Slo(), Section(Slo), "see below")
    kube_contexts: tuple[str, ...] = setting(
        ("minikube", "embedded"), Words(), "the first of these kubeconfig contexts that exists is the target"
    )
    registry: str | None = setting(
        None,
        Text(r"[a-z0-9][a-z0-9.:/_-]*[a-z0-9]", "a registry and path such as registry.example.com/team"),
        "where images are pushed; unset: the cluster's own local registry or minikube's Docker",
    )
    image_pull_secret: str | None = setting(
        None,
        Text(r"\{.*\}", "the JSON text of a Docker config.json"),
        "credentials of the registry, as text; set it with --secret",
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
