"""The platform's gateway: Traefik as a controller of Gateway API, and its GatewayClass.

Rights and arguments follow upstream's documentation (Traefik 3.7, Kubernetes Gateway API provider).
"""

from infra.gateway import definitions
from infra.monitoring import component
from infra.monitoring.component import Grant, Program, rule
from stack.kube import (
    KubeObject,
    deny_all,
    disruption_budget,
    labels,
    meta,
    namespace,
    selector,
    service_account,
)
from stack.namespaces import GATEWAY, MONITORING
from stack.settings import GatewayPlatform, Slo

NAME = "traefik"
CONTROLLER = "traefik.io/gateway-controller"
PORT = 8443  # a listener's port must be that of Traefik's entry point, which a plain user can bind
SERVICE_PORT = 443
METRICS_PORT, METRICS = 9100, "metrics"
ROLE = "emotion-gateway"
DRAIN_SECONDS = 10  # still accepts so long after SIGTERM: Services forget a pod not at once
READ = ("get", "list", "watch")
RIGHTS = (
    rule([""], ("namespaces", "services", "secrets", "configmaps"), READ),
    rule(["discovery.k8s.io"], ["endpointslices"], READ),
    rule([definitions.GROUP], definitions.GATEWAY_API, READ),
    rule([definitions.GROUP], [f"{name}/status" for name in definitions.GATEWAY_API], ["update"]),
    rule([definitions.TRAEFIK_GROUP], [f"{kind.lower()}s" for kind in definitions.TRAEFIK], READ),
)
# Upper bounds of request durations in seconds; those of the objective join them, so that its share is exact.
BUCKETS = (0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def objects(stack: str, version: str, settings: GatewayPlatform, slo: Slo) -> tuple[KubeObject, ...]:
    """Everything that the gateway needs, its kinds included; the GatewayClass comes last."""
    running, names = program(version, settings, slo), labels(NAME, stack)
    return (
        *definitions.objects(NAME, stack, gateway_api=settings.definitions),
        namespace(GATEWAY, names),
        deny_all(GATEWAY, names),
        service_account(NAME, GATEWAY, names, token=True),
        component.cluster_role(ROLE, NAME, stack, RIGHTS),
        component.binding(Grant(ROLE, "ClusterRole", ROLE, NAME, GATEWAY), stack),
        _admission(running, stack),
        disruption_budget(NAME, GATEWAY, names),
        _deployment(running, settings, stack),
        component.service(running, stack, SERVICE_PORT, settings.service_type),
        gateway_class(stack),
    )


def program(version: str, settings: GatewayPlatform, slo: Slo) -> Program:
    """Traefik `version`; it offers no dashboard and no API, and says nothing to its makers."""
    return Program(
        name=NAME,
        namespace=GATEWAY,
        image=f"traefik:{version}",
        port=PORT,
        port_name="https",
        other_ports={METRICS: METRICS_PORT},
        readiness=component.get("/ping", METRICS),
        liveness={"tcpSocket": {"port": "https"}},
        resources=component.resources("50m", "1", "64Mi", "512Mi", "1Gi"),
        volumes={"tmp": {"emptyDir": {"sizeLimit": "512Mi"}}},  # bodies beyond 1 MiB wait there
        mounts={"tmp": "/tmp"},
        arguments=arguments(settings, slo),
        token=True,
        recreate=False,
    )


def arguments(settings: GatewayPlatform, slo: Slo) -> tuple[str, ...]:
    """Traefik's command line."""
    door, address = "--entrypoints.https", "--providers.kubernetesgateway.statusaddress.service"
    return (
        f"{door}.address=:{PORT}",
        f"{door}.transport.respondingtimeouts.idletimeout={settings.idle_seconds}s",
        f"{door}.transport.lifecycle.requestacceptgracetimeout={DRAIN_SECONDS}s",
        f"{door}.transport.lifecycle.gracetimeout={settings.timeout_seconds}s",
        f"--entrypoints.{METRICS}.address=:{METRICS_PORT}",
        f"--serverstransport.forwardingtimeouts.responseheadertimeout={settings.timeout_seconds}s",
        "--providers.kubernetesgateway=true",
        f"{address}.name={NAME}",
        f"{address}.namespace={GATEWAY}",
        "--providers.kubernetescrd=true",
        "--providers.kubernetescrd.disableclusterscoperesources=true",
        "--ping=true",
        f"--ping.entrypoint={METRICS}",
        "--metrics.prometheus=true",
        f"--metrics.prometheus.entrypoint={METRICS}",
        "--metrics.prometheus.addentrypointslabels=false",
        "--metrics.prometheus.addserviceslabels=true",
        f"--metrics.prometheus.buckets={','.join(f'{bound:g}' for bound in buckets(slo))}",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    )


def buckets(slo: Slo) -> tuple[float, ...]:
    """The histogram's bounds in seconds."""
    return tuple(sorted({*BUCKETS, slo.p95_millis / 1000, slo.p99_millis / 1000}))


def gateway_class(stack: str) -> KubeObject:
    """What stacks name as `service.gateway.className`."""
    return {
        "apiVersion": f"{definitions.GROUP}/v1",
        "kind": "GatewayClass",
        "metadata": meta(NAME, None, labels(NAME, stack)),
        "spec": {"controllerName": CONTROLLER},
    }


def _deployment(running: Program, settings: GatewayPlatform, stack: str) -> KubeObject:
    made = component.deployment(running, stack)
    spec = made["spec"]
    assert isinstance(spec, dict)
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    spec.update(replicas=settings.replicas, strategy=strategy)
    pod = spec["template"]["spec"]
    pod["terminationGracePeriodSeconds"] = DRAIN_SECONDS + settings.timeout_seconds + 5
    return made


def _admission(running: Program, stack: str) -> KubeObject:
    """Anybody may knock at the door; only Prometheus reads metrics. It calls servers and the API server."""
    policy = component.admit(running, stack, callers=None, egress=None)
    spec = policy["spec"]
    assert isinstance(spec, dict)
    prometheus: KubeObject = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}},
        "podSelector": {"matchLabels": selector("prometheus")},
    }
    metrics = {"ports": [{"protocol": "TCP", "port": METRICS_PORT}], "from": [prometheus]}
    spec["ingress"] = [*spec["ingress"], metrics]
    return policy
