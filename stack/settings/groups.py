"""Every setting of a stack, its default and its meaning."""

from dataclasses import dataclass
from typing import TypeVar

from stack.namespaces import MONITORING, PROMETHEUS, PROMETHEUS_PORT
from stack.quantities import Cpu, Memory
from stack.rules import (
    DockerConfig,
    Duration,
    Flag,
    Labels,
    OneOf,
    Real,
    Registry,
    Text,
    Whole,
    Words,
)
from stack.schema import Section, setting
from stack.servers import SERVERS
from stack.servers.server import Limits, ServerOf
from stack.servers.tf_serving import TensorFlow
from stack.servers.torchserve import TorchServe
from stack.servers.triton import Triton
from stack.settings.gateway import DNS_NAME, GATEWAY, Gateway, GatewayPlatform
from stack.settings.placement import PlacementSettings
from stack.settings.scaling import HORIZONTAL, KEDA, MOST_PODS, VPA, Autoscaling
from stack.settings.vertical import VpaSettings

S = TypeVar("S")

THESIS = ("tensorflow", "torchserve")  # what it compared runs unless a stack says otherwise

URL = r"https?://[^\s/]+(/\S*)?"


@dataclass(frozen=True)
class Resources:
    """Requests and limits of one serving container."""

    cpu_request: str = setting("250m", Cpu(), "CPU that the scheduler reserves")
    cpu_limit: str = setting("2", Cpu(), "CPU that the container may use")
    memory_request: str = setting("512Mi", Memory(), "memory that the scheduler reserves")
    memory_limit: str = setting("2Gi", Memory(), "memory at which the container is killed")

    @property
    def limits(self) -> Limits:
        """What one container may use."""
        return Limits(self.cpu_limit, self.memory_limit)


@dataclass(frozen=True)
class ServiceSettings:
    """How clients reach a server."""

    type: str = setting("NodePort", OneOf(("ClusterIP", "NodePort", "LoadBalancer")), "type of the Service")
    publish_metrics: bool = setting(
        False,
        Flag(),
        "publish the metrics port too where it is another, as the thesis did for TorchServe (8082)",
    )
    annotations: tuple[tuple[str, str], ...] = setting(
        (), Labels(), "annotations of the Service: a cloud's load-balancer options"
    )
    gateway: Gateway | None = setting(None, Section(Gateway), "none unless set")

    @property
    def kind(self) -> str:
        """The type that the Services have."""
        return "ClusterIP" if self.gateway else self.type


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
    """The service-level objective: dashboards draw it, alerts and the bench judge by it."""

    p95_millis: int = setting(50, Whole(1, 60_000), "95 % of requests are answered within, ms")
    p99_millis: int = setting(100, Whole(1, 60_000), "99 % of requests are answered within, ms")
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
        "an existing Prometheus, for Grafana and KEDA",
    )
    retention: str = setting("2h", Duration(), "age kept")
    storage: str = setting("2Gi", Memory(), "size of its volume")
    storage_class: str | None = setting(
        None,
        Text(DNS_NAME, "the name of a StorageClass"),
        "a PersistentVolumeClaim of this class; unset: an emptyDir, lost with the pod",
    )
    scrape_seconds: int = setting(10, Whole(5, 60), "time between two scrapes; rate windows follow it")

    @property
    def address(self) -> str:
        """Where pods of any namespace ask it."""
        return self.url or f"http://{PROMETHEUS}.{MONITORING}.svc:{PROMETHEUS_PORT}"


@dataclass(frozen=True)
class GrafanaSettings:
    """The platform's Grafana. Its admin password is generated and kept as a secret."""

    enabled: bool = setting(True, Flag(), "false: no Grafana; import the dashboards into an existing one")
    service_type: str = setting(
        "NodePort", OneOf(("ClusterIP", "NodePort", "LoadBalancer")), "type of its Service"
    )


@dataclass(frozen=True)
class KedaSettings:
    """The platform's KEDA."""

    enabled: bool = setting(
        False,
        Flag(),
        "declare KEDA, for stacks with autoscaling.scaler keda; leave it where the cluster has one",
    )


@dataclass(frozen=True)
class Platform:
    """What the whole cluster shares; declared once, by the stack of the cluster."""

    enabled: bool = setting(False, Flag(), "declare metrics-server, Prometheus and Grafana in this stack")
    metrics_server: MetricsServerSettings = setting(MetricsServerSettings(), Section(MetricsServerSettings))
    prometheus: PrometheusSettings = setting(PrometheusSettings(), Section(PrometheusSettings))
    grafana: GrafanaSettings = setting(GrafanaSettings(), Section(GrafanaSettings))
    gateway: GatewayPlatform = setting(GatewayPlatform(), Section(GatewayPlatform))
    keda: KedaSettings = setting(KedaSettings(), Section(KedaSettings))
    vpa: VpaSettings = setting(VpaSettings(), Section(VpaSettings))

    @property
    def extras(self) -> tuple[str, ...]:
        """What this stack declares of all that `make up` does not bring, by the names of the settings."""
        wanted = {GATEWAY: self.gateway.enabled, KEDA: self.keda.enabled, VPA: self.vpa.enabled}
        return tuple(name for name, on in wanted.items() if self.enabled and on)


@dataclass(frozen=True)
class Variant:
    """What docs/variants.md says of a stack; it changes nothing in the cluster."""

    thesis: int | None = setting(None, Whole(1, 9), "number of the variant in the thesis")
    saw: str | None = setting(None, Text(".+", "a sentence"), "what the thesis saw")
    really: str | None = setting(None, Text(".+", "a sentence"), "what it really is")


@dataclass(frozen=True)
class Settings:
    """One stack."""

    variant: Variant = setting(Variant(), Section(Variant))
    servers: tuple[str, ...] = setting(THESIS, Words(SERVERS), "model servers to run")
    replicas: int = setting(1, Whole(1, MOST_PODS), "pods of each server; with autoscaling leave it out")
    autoscaling: Autoscaling | None = setting(None, Section(Autoscaling), "off unless set")
    tensorflow: TensorFlow = setting(TensorFlow(), Section(TensorFlow))
    torchserve: TorchServe = setting(TorchServe(), Section(TorchServe))
    triton: Triton = setting(Triton(), Section(Triton))
    resources: Resources = setting(Resources(), Section(Resources))
    service: ServiceSettings = setting(ServiceSettings(), Section(ServiceSettings))
    availability: Availability = setting(Availability(), Section(Availability))
    placement: PlacementSettings = setting(PlacementSettings(), Section(PlacementSettings))
    slo: Slo = setting(Slo(), Section(Slo))
    kube_contexts: tuple[str, ...] = setting(
        ("minikube", "embedded"), Words(), "the first of these kubeconfig contexts that exists is the target"
    )
    registry: str | None = setting(
        None,
        Registry(),
        "where images are pushed; unset: the cluster's own local registry or minikube's Docker",
    )
    image_pull_secret: str | None = setting(
        None,
        DockerConfig(),
        "credentials of `registry`; set it with --secret",
    )
    platform: Platform = setting(Platform(), Section(Platform))

    @property
    def horizontal(self) -> Autoscaling | None:
        """The autoscaling that owns the number of pods; None where that is fixed by `replicas`."""
        found = self.autoscaling
        return found if found and found.scaler in HORIZONTAL else None

    def of(self, server: ServerOf[S]) -> S:
        """A server's own group of settings; its defaults where there is no such group."""
        found = getattr(self, server.name, None)
        return found if isinstance(found, server.section) else server.section()
