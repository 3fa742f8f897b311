"""metrics-server: feeds `kubectl top` and CPU-driven autoscalers.

The objects follow upstream's manifest (kubernetes-sigs/metrics-server, manifests/base).
"""

from infra.kube import (
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    labels,
    meta,
    namespace,
    selector,
    service_account,
)

NAME = "metrics-server"
NAMESPACE = "emotion-metrics-server"
PORT = 10250
RBAC = "rbac.authorization.k8s.io"


def objects(stack: str, version: str, *, kubelet_insecure_tls: bool) -> tuple[KubeObject, ...]:
    """Everything that metrics-server needs; the APIService comes last, so that it goes first on destroy."""
    return (
        namespace(NAMESPACE, labels(NAME, stack)),
        service_account(NAME, NAMESPACE, labels(NAME, stack), token=True),
        *_rights(stack),
        _deployment(stack, version, kubelet_insecure_tls=kubelet_insecure_tls),
        _service(stack),
        _api_service(stack),
    )


def _rights(stack: str) -> tuple[KubeObject, ...]:
    return (
        _cluster_role(stack),
        _binding(stack, "ClusterRoleBinding", NAME, None, ("ClusterRole", "emotion-metrics-server")),
        _binding(
            stack, "ClusterRoleBinding", "auth-delegator", None, ("ClusterRole", "system:auth-delegator")
        ),
        _binding(
            stack,
            "RoleBinding",
            "auth-reader",
            "kube-system",
            ("Role", "extension-apiserver-authentication-reader"),
        ),
    )


def _cluster_role(stack: str) -> KubeObject:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": meta("emotion-metrics-server", None, labels(NAME, stack)),
        "rules": [
            {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["get", "list", "watch"]},
        ],
    }


def _binding(stack: str, kind: str, name: str, namespace_: str | None, role: tuple[str, str]) -> KubeObject:
    role_kind, role_name = role
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": meta(f"emotion-{name.removeprefix('emotion-')}", namespace_, labels(NAME, stack)),
        "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role_name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }


def _deployment(stack: str, version: str, *, kubelet_insecure_tls: bool) -> KubeObject:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(NAME, NAMESPACE, labels(NAME, stack)),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(NAME)},
            "template": {
                "metadata": {"labels": labels(NAME, stack)},
                "spec": {
                    "serviceAccountName": NAME,
                    "priorityClassName": "system-cluster-critical",
                    "securityContext": RESTRICTED_POD,
                    "containers": [_container(version, kubelet_insecure_tls=kubelet_insecure_tls)],
                    "volumes": [
                        {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
                        {"name": "cluster-ca", "configMap": {"name": "kube-root-ca.crt"}},
                    ],
                },
            },
        },
    }


def _container(version: str, *, kubelet_insecure_tls: bool) -> KubeObject:
    trust = "--kubelet-insecure-tls" if kubelet_insecure_tls else "--kubelet-certificate-authority=/ca/ca.crt"
    return {
        "name": NAME,
        "image": f"registry.k8s.io/metrics-server/metrics-server:v{version.removeprefix('v')}",
        "imagePullPolicy": "IfNotPresent",
        "args": [
            "--cert-dir=/tmp",
            f"--secure-port={PORT}",
            "--kubelet-preferred-address-types=InternalIP",
            "--kubelet-use-node-status-port",
            "--metric-resolution=15s",
            trust,
        ],
        "ports": [{"name": "https", "containerPort": PORT}],
        "resources": {
            "requests": {"cpu": "50m", "memory": "100Mi"},
            "limits": {"cpu": "500m", "memory": "200Mi"},
        },
        "securityContext": RESTRICTED_CONTAINER,
        "startupProbe": _probe("/livez") | {"periodSeconds": 1, "failureThreshold": 60},
        "readinessProbe": _probe("/readyz") | {"periodSeconds": 5},
        "livenessProbe": _probe("/livez") | {"periodSeconds": 10},
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},
            {"name": "cluster-ca", "mountPath": "/ca", "readOnly": True},
        ],
    }


def _probe(path: str) -> KubeObject:
    return {"httpGet": {"path": path, "port": "https", "scheme": "HTTPS"}}


def _service(stack: str) -> KubeObject:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(NAME, NAMESPACE, labels(NAME, stack)),
        "spec": {
            "selector": selector(NAME),
            "ports": [{"name": "https", "port": 443, "targetPort": "https"}],
        },
    }


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
            "service": {"name": NAME, "namespace": NAMESPACE, "port": 443},
        },
    }
