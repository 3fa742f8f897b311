"""KEDA: an operator that makes autoscalers of ScaledObjects, and the server of their metrics.

The objects follow upstream's manifest (kedacore/keda, config/default) without its admission webhooks. Rights
are those that ScaledObjects on Deployments need; upstream's reach all kinds of a cluster.
"""

from infra.monitoring import component
from infra.monitoring.component import Grant, Program, rule
from infra.scaling.resources import definitions
from stack.endings import EXTERNAL_API
from stack.kube import KubeObject, deny_all, labels, meta, namespace, service_account
from stack.namespaces import KEDA

OPERATOR, SERVER = "keda-operator", "keda-metrics-apiserver"
IMAGES = {OPERATOR: "ghcr.io/kedacore/keda", SERVER: "ghcr.io/kedacore/keda-metrics-apiserver"}
CERTIFICATES = "kedaorg-certs"  # the Secret that the operator makes and renews
READER = "emotion-keda-external-metrics"
GRPC, HTTPS, PROBES = 9666, 6443, 8081
READ = ("get", "list", "watch")
CHANGE = (*READ, "patch", "update")
SERVED = ("scaledobjects", "scaledobjects/finalizers", "scaledobjects/status")
WATCHED = ("scaledjobs", "triggerauthentications", "clustertriggerauthentications")
IN_CLUSTER = (
    rule(["keda.sh"], SERVED, CHANGE),
    rule(["keda.sh"], WATCHED, READ),
    rule(["eventing.keda.sh"], ["cloudeventsources", "clustercloudeventsources"], READ),
    rule(["autoscaling"], ["horizontalpodautoscalers"], (*CHANGE, "create", "delete")),
    rule(["apps"], ["deployments"], READ),
    rule(["apps"], ["deployments/scale"], ("get", "patch", "update")),
    rule(["", "events.k8s.io"], ["events"], ("create", "patch")),
    rule(["apiregistration.k8s.io"], ["apiservices"], ("list", "watch")),
    rule(["apiregistration.k8s.io"], ["apiservices"], ("get", "patch", "update"), EXTERNAL_API),
)
AT_HOME = (
    rule([""], ["secrets"], (*READ, "create")),
    rule([""], ["secrets"], ("patch", "update"), CERTIFICATES),
    rule(["coordination.k8s.io"], ["leases"], (*CHANGE, "create")),
)
GRANTS = (
    Grant("emotion-keda-operator", "ClusterRole", "emotion-keda-operator", OPERATOR, KEDA),
    Grant(OPERATOR, "Role", OPERATOR, OPERATOR, KEDA, KEDA),
    Grant("emotion-keda-auth-delegator", "ClusterRole", "system:auth-delegator", SERVER, KEDA),
    Grant(
        "emotion-keda-auth-reader",
        "Role",
        "extension-apiserver-authentication-reader",
        SERVER,
        KEDA,
        "kube-system",
    ),
    Grant(READER, "ClusterRole", READER, "horizontal-pod-autoscaler", "kube-system"),
)


def objects(stack: str, versions: dict[str, str]) -> tuple[KubeObject, ...]:
    """Everything that KEDA needs; `versions` by the programs' names. The APIService goes first on destroy."""
    operating, serving = operator(versions[OPERATOR]), server(versions[SERVER])
    return (
        *definitions(OPERATOR, stack),
        namespace(KEDA, labels(OPERATOR, stack)),
        deny_all(KEDA, labels(OPERATOR, stack)),
        *(service_account(each, KEDA, labels(each, stack), token=True) for each in (OPERATOR, SERVER)),
        component.cluster_role("emotion-keda-operator", OPERATOR, stack, IN_CLUSTER),
        component.role(OPERATOR, KEDA, OPERATOR, stack, AT_HOME),
        component.cluster_role(
            READER, SERVER, stack, [rule(["external.metrics.k8s.io"], ["*"], ("get", "list"))]
        ),
        *(component.binding(grant, stack) for grant in GRANTS),
        # They talk to the API server and to Prometheus, which no policy could name wherever they are.
        component.admit(operating, stack, callers=component.callers_from(SERVER), egress=None),
        component.admit(serving, stack, callers=None, egress=None),
        component.service(operating, stack, GRPC),
        component.deployment(operating, stack),
        component.service(serving, stack, 443),
        component.deployment(serving, stack),
        _api_service(stack),
    )


def operator(version: str) -> Program:
    """The operator: the Prometheus client of all ScaledObjects, asked by the other program at every sync."""
    return Program(
        name=OPERATOR,
        namespace=KEDA,
        image=f"{IMAGES[OPERATOR]}:{version}",
        port=GRPC,
        port_name="grpc",
        other_ports={"probes": PROBES},
        readiness=component.get("/readyz", "probes"),
        liveness=component.get("/healthz", "probes"),
        startup_seconds=180,
        resources=component.resources("100m", "1", "128Mi", "512Mi", "64Mi"),
        volumes=_certificates(optional=True),
        mounts={"certificates": "/certs"},
        arguments=(
            "--leader-elect",
            "--zap-log-level=info",
            "--zap-encoder=console",
            "--zap-time-encoding=rfc3339",
            "--enable-cert-rotation=true",
            "--enable-webhook-patching=false",
        ),
        environment={"POD_NAMESPACE": KEDA, "WATCH_NAMESPACE": "", "KEDA_RESTRICT_SECRET_ACCESS": "true"},
        token=True,
    )


def server(version: str) -> Program:
    """What answers for external.metrics.k8s.io, with what the operator has asked."""
    return Program(
        name=SERVER,
        namespace=KEDA,
        image=f"{IMAGES[SERVER]}:{version}",
        port=HTTPS,
        port_name="https",
        readiness=component.get("/readyz", "https", "HTTPS"),
        liveness=component.get("/healthz", "https", "HTTPS"),
        startup_seconds=180,
        resources=component.resources("50m", "500m", "96Mi", "256Mi", "64Mi"),
        volumes={"tmp": {"emptyDir": {"sizeLimit": "16Mi"}}, **_certificates(optional=False)},
        mounts={"tmp": "/tmp", "certificates": "/certs"},
        arguments=(
            f"--secure-port={HTTPS}",
            "--zap-log-level=error",
            "--client-ca-file=/certs/ca.crt",
            "--tls-cert-file=/certs/tls.crt",
            "--tls-private-key-file=/certs/tls.key",
            "--cert-dir=/certs",
        ),
        environment={"POD_NAMESPACE": KEDA, "WATCH_NAMESPACE": ""},
        token=True,
        recreate=False,
    )


def _certificates(*, optional: bool) -> dict[str, KubeObject]:
    """The operator starts before there are any; its server waits for them."""
    return {"certificates": {"secret": {"secretName": CERTIFICATES, "optional": optional}}}


def _api_service(stack: str) -> KubeObject:
    """Without `caBundle`, which the operator puts there."""
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": meta(EXTERNAL_API, None, labels(SERVER, stack)),
        "spec": {
            "group": "external.metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "service": {"name": SERVER, "namespace": KEDA, "port": 443},
        },
    }
