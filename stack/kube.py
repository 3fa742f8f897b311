"""Kubernetes objects as plain data, and the labels and security settings that all of ours carry."""

import hashlib
import json
from collections.abc import Mapping

KubeObject = dict[str, object]

PROJECT = "emotion-serving"
INSTANCE = "app.kubernetes.io/instance"  # the label that names an object's stack
FROM_SECRET = "(from secret)"  # begins what `declare` reads of a Secret of the same part: NAME/KEY
GENERATED = "(generated)"  # in a Secret's stringData: `declare` puts a random text here, once for all time
# Those that CustomResourceDefinitions make.
GATEWAY_KINDS = (
    ("gateway.networking.k8s.io/v1", "GatewayClass"),
    ("gateway.networking.k8s.io/v1", "Gateway"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("traefik.io/v1alpha1", "Middleware"),
    ("traefik.io/v1alpha1", "TLSStore"),
)
CUSTOM_KINDS = (
    *GATEWAY_KINDS,
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler"),
)
KINDS = (  # all that a stack may declare, by their apiVersion
    ("v1", "Namespace"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    *CUSTOM_KINDS,
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
)
USER_ID = 1000
# Pod Security Standards, profile "restricted": https://kubernetes.io/docs/concepts/security/pod-security-standards/
RESTRICTED_POD: KubeObject = {
    "runAsNonRoot": True,
    "runAsUser": USER_ID,
    "runAsGroup": USER_ID,
    "fsGroup": USER_ID,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESTRICTED_CONTAINER: KubeObject = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def selector(component: str) -> dict[str, str]:
    """The labels that select the pods of one component: selectors are immutable, so no version."""
    return {"app.kubernetes.io/name": component, "app.kubernetes.io/part-of": PROJECT}


def labels(component: str, stack: str) -> dict[str, str]:
    """All labels of an object of one component."""
    return {
        **selector(component),
        INSTANCE: stack,
        "app.kubernetes.io/managed-by": "pulumi",
    }


def meta(name: str, namespace: str | None, labels_: Mapping[str, str]) -> KubeObject:
    """Object metadata; `namespace` None for cluster-scoped kinds."""
    scope: KubeObject = {"namespace": namespace} if namespace else {}
    return {"name": name, **scope, "labels": dict(labels_)}


def namespace(name: str, labels_: Mapping[str, str]) -> KubeObject:
    """A namespace that admits only pods which meet the "restricted" profile."""
    security = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta(name, None, {**labels_, **security})}


def config_map(name: str, namespace: str, labels_: Mapping[str, str], files: Mapping[str, str]) -> KubeObject:
    """An immutable ConfigMap. Its name carries the digest of its content, so that a change rolls the pods."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta(f"{name}-{digest(files)}", namespace, labels_),
        "data": dict(files),
        "immutable": True,
    }


def service_account(
    name: str, namespace: str, labels_: Mapping[str, str], *, token: bool = False
) -> KubeObject:
    """A ServiceAccount; its token is mounted only where the program talks to the API server."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta(name, namespace, labels_),
        "automountServiceAccountToken": token,
    }


def network_policy(name: str, namespace: str, labels_: Mapping[str, str], spec: KubeObject) -> KubeObject:
    """Who may talk to some pods of a namespace, and to whom they may talk."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(name, namespace, labels_),
        "spec": spec,
    }


def disruption_budget(name: str, namespace: str, labels_: Mapping[str, str]) -> KubeObject:
    """At most one pod is evicted at a time; a pod that is not ready never holds up a node's drain."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": meta(name, namespace, labels_),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": selector(name)},
        },
    }


def deny_all(namespace: str, labels_: Mapping[str, str]) -> KubeObject:
    """No pod of the namespace hears or says anything that no other policy allows."""
    spec: KubeObject = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return network_policy("deny-all", namespace, labels_, spec)


def digest(content: Mapping[str, str]) -> str:
    """Ten hexadecimal digits that change with the content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def name_of(item: KubeObject) -> str:
    """`metadata.name` of an object."""
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata["name"])
