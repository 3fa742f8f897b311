"""metrics-server: feeds `kubectl top` and CPU-driven autoscalers.

The objects follow upstream's manifest (kubernetes-sigs/metrics-server, manifests/base).
"""

from infra.monitoring import component
from infra.monitoring.component import Grant, Program
from stack.kube import KubeObject, deny_all, labels, meta, namespace, service_account
from stack.namespaces import METRICS_SERVER
from stack.paces import METRICS_SECONDS

NAME = "metrics-server"
PORT = 10250
ROLE = "emotion-metrics-server"
RIGHTS: tuple[KubeObject, ...] = (
    {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
    {"apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["get", "list", "watch"]},
)
GRANTS = (
    Grant(ROLE, "ClusterRole", ROLE, NAME, METRICS_SERVER),
    Grant("emotion-auth-delegator", "ClusterRole", "system:auth-delegator", NAME, METRICS_SERVER),
    Grant(
        "emotion-auth-reader",
        "Role",
        "extension-apiserver-authentication-reader",
        NAME,
        METRICS_SERVER,
        "kube-system",
    ),
)


def objects(stack: str, version: str, *, insecure_kubelet: bool) -> tuple[KubeObject, ...]:
    """Everything that metrics-server needs; the APIService comes last, so that it goes first on destroy."""
    running = program(version, insecure_kubelet=insecure_kubelet)
    return (
        namespace(METRICS_SERVER, labels(NAME, stack)),
        deny_all(METRICS_SERVER, labels(NAME, stack)),
        service_account(NAME, METRICS_SERVER, labels(NAME, stack), token=True),
        component.cluster_role(ROLE, NAME, stack, RIGHTS),
        *(component.binding(grant, stack) for grant in GRANTS),
        # The API server calls it, and it calls kubelets: none of them has an address a policy could name.
        component.admit(running, stack, callers=None, egress=None),
        component.deployment(running, stack),
        component.service(running, stack, 443),
        _api_service(stack),
    )


def program(version: str, *, insecure_kubelet: bool) -> Program:
    """metrics-server `version`; it verifies the kubelets' certificates unless they are to be trusted."""
    trust = "--kubelet-insecure-tls" if insecure_kubelet else "--kubelet-certificate-authority=/ca/ca.crt"
    return Program(
        name=NAME,
        namespace=METRICS_SERVER,
        image=f"registry.k8s.io/metrics-server/metrics-server:v{version.removeprefix('v')}",
        port=PORT,
        port_name="https",
        readiness=component.get("/readyz", "https", "HTTPS"),
        liveness=component.get("/livez", "https", "HTTPS"),
        resources=component.resources("50m", "500m", "100Mi", "200Mi", "64Mi"),
        volumes={
            "tmp": {"emptyDir": {"sizeLimit": "16Mi"}},
            "cluster-ca": {"configMap": {"name": "kube-root-ca.crt"}},
        },
        mounts={"tmp": "/tmp", "cluster-ca": "/ca"},
        arguments=(
            "--cert-dir=/tmp",
            f"--secure-port={PORT}",
            "--kubelet-preferred-address-types=InternalIP",
            "--kubelet-use-node-status-port",
            f"--metric-resolution={METRICS_SECONDS}s",
            trust,
        ),
        token=True,
        recreate=False,
        priority="system-cluster-critical",
    )


def _api_service(stack: str) -> KubeObject:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": meta("v1beta1.metrics.k8s.io", None, labels(NAME, stack)),
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,  # metrics-server signs its own serving certificate at every start
            "service": {"name": NAME, "namespace": METRICS_SERVER, "port": 443},
        },
    }
