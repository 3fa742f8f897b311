"""What can be known to fail before anything is declared: pure decisions over a survey of the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra import room
from infra.cluster_survey import Survey
from infra.gateway import checks
from infra.scaling import checks as checks_of_scalers
from stack.kube import KubeObject, name_of
from stack.namespaces import KEDA, METRICS_SERVER, MONITORING, VPA
from stack.settings import Settings
from stack.settings.gateway import GATEWAY
from stack.settings.scaling import CPU

BALANCERS = ("minikube tunnel", "cloud-provider-kind")  # programs that give addresses on a local cluster
LOOPBACK = ("127.0.0.1", "localhost", "::1")
BALANCER_NAMESPACES = frozenset(("metallb-system", "kube-vip", "purelb-system"))


@dataclass(frozen=True)
class Stack:
    """What is about to be declared, on which context; `host` is where the API server is reached."""

    name: str
    settings: Settings
    objects: Sequence[KubeObject]
    context: str
    host: str = ""

    @property
    def namespaces(self) -> frozenset[str]:
        """The stack's own namespaces: pods in them make room for the new ones."""
        return frozenset(name_of(item) for item in self.objects if item["kind"] == "Namespace")


@dataclass(frozen=True)
class Findings:
    """`problems` end the program; `warnings` are only said."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check(stack: Stack, cluster: Survey) -> Findings:
    """Everything that stands in the way, as `KEY: expected RANGE, got VALUE; FIX`."""
    problems = (
        *platform(stack.settings, cluster),
        *second_platform(stack, cluster),
        *metrics(stack.settings, cluster),
        *scalers(stack, cluster),
        *classes(stack.settings, cluster),
        *gateways(stack, cluster),
        *load_balancer(stack, cluster),
    )
    lacking = room.lacking(stack.name, stack.settings, stack.objects, cluster)
    warnings = tuple(node_port(stack, cluster))
    if cluster.node_pools or any(node.in_a_cloud for node in cluster.nodes or ()):
        doubts = (f"{text}; unless the cluster adds nodes itself" for text in lacking)
        return Findings(problems, (*warnings, *doubts))
    return Findings((*problems, *lacking), warnings)


def platform(settings: Settings, cluster: Survey) -> list[str]:
    """A variant lives beside a platform that another stack declared."""
    elsewhere = settings.platform.enabled or settings.platform.prometheus.url
    if elsewhere or cluster.prometheus is not False:
        return []
    return [
        "platform.enabled: expected a platform in the cluster, got no Deployment prometheus in "
        f"{MONITORING}; deploy it first: pulumi up -s minikube"
    ]


def second_platform(stack: Stack, cluster: Survey) -> list[str]:
    """A cluster has one platform, and it belongs to the stack that declared it."""
    known = cluster.namespaces or {}
    others = {
        name: known[name] for name in sorted(stack.namespaces) if known.get(name, "") not in ("", stack.name)
    }
    if not others:
        return []
    held = ", ".join(f"{name} of stack {owner}" for name, owner in others.items())
    return [
        f"platform.enabled: expected false beside the platform of another stack, got true; {held} is in the "
        f"cluster; use it: pulumi config set --path platform.enabled false --stack {stack.name}"
    ]


def metrics(settings: Settings, cluster: Survey) -> list[str]:
    """Exactly one metrics-server serves metrics.k8s.io, and an autoscaler needs it."""
    declared = settings.platform.enabled and settings.platform.metrics_server.enabled
    serving = cluster.metrics_api
    if declared and serving not in (None, "", METRICS_SERVER):
        return [
            f"platform.metricsServer.enabled: expected false, got true; the cluster has a metrics-server in "
            f"{serving}, set it to false"
        ]
    wanted = settings.autoscaling and settings.autoscaling.metric == CPU
    if wanted and not declared and serving == "":
        return [
            "autoscaling: expected a cluster with the API metrics.k8s.io, got none; deploy metrics-server "
            "(pulumi up -s minikube) or leave autoscaling out"
        ]
    return []


def scalers(stack: Stack, cluster: Survey) -> list[str]:
    """What a scaler needs of the cluster, whose it already is, and who still needs it."""
    declared = frozenset(stack.namespaces)
    return [
        *checks_of_scalers.keda(stack.settings, cluster.external_api, cluster.keda),
        *checks_of_scalers.vpa(stack.name, stack.settings, cluster.vpa),
        *checks_of_scalers.in_use(stack.name, KEDA, declared, cluster.namespaces, cluster.scaled),
        *checks_of_scalers.in_use(stack.name, VPA, declared, cluster.namespaces, cluster.vertical),
    ]


def classes(settings: Settings, cluster: Survey) -> list[str]:
    """A StorageClass that is named must exist."""
    storage = settings.platform.prometheus.storage_class if settings.platform.enabled else None
    return _missing("platform.prometheus.storageClass", storage, cluster.storage_classes)


def gateways(stack: Stack, cluster: Survey) -> list[str]:
    """What a gateway needs of the cluster, and whose it already is."""
    return [
        *checks.missing_class(stack.settings, stack.objects, cluster.gateway_classes),
        *checks.shared_host(stack.name, stack.settings, cluster.gateways),
        *checks.foreign_definitions(stack.name, stack.settings, cluster.definitions),
    ]


def _missing(key: str, wanted: str | None, known: frozenset[str] | None) -> list[str]:
    if wanted is None or known is None or wanted in known:
        return []
    choice = ", ".join(sorted(known)) or "none"
    fix = "name one of them" if known else "install one"
    return [f'{key}: expected a class of the cluster ({choice}), got "{wanted}"; {fix}']


def load_balancer(stack: Stack, cluster: Survey) -> list[str]:
    """Without a provider a Service of type LoadBalancer waits ten minutes for an address, and fails."""
    wanted = _of_type("LoadBalancer", stack.settings)
    if not wanted or cluster.addressed is None or provider(cluster):
        return []
    fix = (
        "run minikube tunnel in another terminal"
        if stack.context == "minikube"
        else "use NodePort, or install one (MetalLB, a cloud controller manager)"
    )
    return [f"{key}: expected a cluster with a load balancer, got LoadBalancer; {fix}" for key in wanted]


def _of_type(kind: str, settings: Settings) -> list[str]:
    """The keys that ask for a type of Service."""
    grafana, gateway = settings.platform.grafana, settings.platform.gateway
    types = {"service.type": settings.service.kind}
    if settings.platform.enabled and grafana.enabled:
        types["platform.grafana.serviceType"] = grafana.service_type
    if GATEWAY in settings.platform.extras:
        types["platform.gateway.serviceType"] = gateway.service_type
    return [key for key, value in types.items() if value == kind]


def node_port(stack: Stack, cluster: Survey) -> list[str]:
    """Ports of a node that lives in a network of its own, as Docker's containers do on macOS."""
    if stack.host not in LOOPBACK or cluster.node_here is not False:
        return []
    address = next(node.address for node in cluster.nodes or () if node.address)
    way = (
        "run minikube tunnel in another terminal"
        if stack.context == "minikube"
        else f"see to it that {stack.host} forwards them"
    )
    return [
        f"{key}: expected a node that is reached at {stack.host} as its API server is, got NodePort at "
        f"{address}, whose ports may not be; set it to LoadBalancer and {way}"
        for key in _of_type("NodePort", stack.settings)
    ]


def provider(cluster: Survey) -> str:
    """The sign that somebody gives addresses to Services of type LoadBalancer; empty without one.

    Kubernetes has no API that tells. Signs are a Service with such an address, a node of a cloud, the lease
    of a cloud controller manager, MetalLB's like, and the local clusters' own programs.
    """
    signs = (
        *(f"Service {name}" for name in cluster.addressed or ()),
        *(f"node {node.name}" for node in cluster.nodes or () if node.in_a_cloud),
        *(f"lease {each.name}" for each in cluster.leases or () if each.live and _is_of_a_cloud(each.name)),
        *(f"namespace {name}" for name in sorted(BALANCER_NAMESPACES & set(cluster.namespaces or ()))),
        *(f"program {name}" for name in BALANCERS if any(name in line for line in cluster.programs)),
    )
    return next(iter(signs), "")


def _is_of_a_cloud(lease: str) -> bool:
    return "cloud-controller-manager" in lease
