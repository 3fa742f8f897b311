"""kube-state-metrics: what Kubernetes wants and has, as metrics: replicas, autoscalers, restarts, limits."""

from infra.monitoring import component
from infra.monitoring.component import Grant, Program
from stack.kube import KubeObject, labels, service_account
from stack.namespaces import MONITORING

NAME = "kube-state-metrics"
PORT = 8080
TELEMETRY_PORT = 8081
ROLE = "emotion-kube-state-metrics"
KINDS = {"apps": "deployments", "autoscaling": "horizontalpodautoscalers", "": "pods"}
RIGHTS: tuple[KubeObject, ...] = tuple(
    {"apiGroups": [group], "resources": [kind], "verbs": ["list", "watch"]} for group, kind in KINDS.items()
)


def objects(stack: str, version: str) -> tuple[KubeObject, ...]:
    """Everything that kube-state-metrics needs but the namespace, in the order of dependence."""
    running = program(version)
    return (
        service_account(NAME, MONITORING, labels(NAME, stack), token=True),
        component.cluster_role(ROLE, NAME, stack, RIGHTS),
        component.binding(Grant(ROLE, "ClusterRole", ROLE, NAME, MONITORING), stack),
        component.admit(running, stack, callers=component.callers_from("prometheus"), egress=None),
        component.deployment(running, stack),
        component.service(running, stack, PORT),
    )


def program(version: str) -> Program:
    """kube-state-metrics `version`, which looks at no more kinds than the dashboards and alerts need."""
    return Program(
        name=NAME,
        namespace=MONITORING,
        image=f"registry.k8s.io/kube-state-metrics/kube-state-metrics:v{version.removeprefix('v')}",
        port=PORT,
        other_ports={"telemetry": TELEMETRY_PORT},
        readiness=component.get("/readyz", "telemetry"),
        liveness=component.get("/livez"),
        resources=component.resources("10m", "200m", "64Mi", "192Mi", "64Mi"),
        arguments=(
            f"--port={PORT}",
            f"--telemetry-port={TELEMETRY_PORT}",
            f"--resources={','.join(KINDS.values())}",
        ),
        token=True,
    )
