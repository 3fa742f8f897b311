"""What the platform's programs have in common: one pod, its Service, its rights and its callers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stack.kube import (
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    labels,
    meta,
    network_policy,
    selector,
)

RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Program:
    """One of the platform's programs, in a pod of its own.

    `port` is the port that its Service offers, `readiness` and `liveness` are probes without their timing.
    `arguments` follow the image's entry point. `volumes` are by name, as Kubernetes writes them; `mounts`
    tell where they appear, read-only unless they are an emptyDir or a claim. `recreate` ends the old pod
    before the new one starts: two must never write to one volume, and a small node has room for one.
    """

    name: str
    namespace: str
    image: str
    port: int
    readiness: KubeObject
    liveness: KubeObject
    resources: KubeObject
    port_name: str = "http"
    other_ports: Mapping[str, int] = field(default_factory=dict)
    startup_seconds: int = 60
    volumes: Mapping[str, KubeObject] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    token: bool = False
    recreate: bool = True
    priority: str | None = None


@dataclass(frozen=True)
class Grant:
    """Gives a ServiceAccount a role; in one namespace, or in the whole cluster when `namespace` is None."""

    name: str
    role_kind: str
    role: str
    account: str
    account_namespace: str
    namespace: str | None = None


def deployment(program: Program, stack: str) -> KubeObject:
    """The Deployment of one pod."""
    names = labels(program.name, stack)
    recreate: KubeObject = {"strategy": {"type": "Recreate"}} if program.recreate else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(program.name, program.namespace, names),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(program.name)},
            **recreate,
            "template": {"metadata": {"labels": names}, "spec": _pod(program)},
        },
    }


def _pod(program: Program) -> KubeObject:
    priority: KubeObject = {"priorityClassName": program.priority} if program.priority else {}
    return {
        "serviceAccountName": program.name,
        "automountServiceAccountToken": program.token,
        "enableServiceLinks": False,
        **priority,
        "securityContext": RESTRICTED_POD,
        "containers": [_container(program)],
        "volumes": [{"name": name, **volume} for name, volume in program.volumes.items()],
    }


def _container(program: Program) -> KubeObject:
    environment = [{"name": name, "value": value} for name, value in program.environment.items()]
    return {
        "name": program.name,
        "image": program.image,
        "imagePullPolicy": "IfNotPresent",
        **({"args": list(program.arguments)} if program.arguments else {}),
        **({"env": environment} if environment else {}),
        "ports": [{"name": name, "containerPort": number} for name, number in _ports(program).items()],
        "resources": program.resources,
        "securityContext": RESTRICTED_CONTAINER,
        "startupProbe": program.readiness | {"periodSeconds": 1, "failureThreshold": program.startup_seconds},
        "readinessProbe": program.readiness | {"periodSeconds": 5, "timeoutSeconds": 3},
        "livenessProbe": program.liveness | {"periodSeconds": 10, "timeoutSeconds": 3},
        "volumeMounts": [_mount(program, name) for name in program.mounts],
    }


def _ports(program: Program) -> dict[str, int]:
    return {program.port_name: program.port, **program.other_ports}


def _mount(program: Program, name: str) -> KubeObject:
    writable = {"emptyDir", "persistentVolumeClaim"} & program.volumes[name].keys()
    return {
        "name": name,
        "mountPath": program.mounts[name],
        **({} if writable else {"readOnly": True}),
    }


def get(path: str, port: str = "http", scheme: str = "HTTP") -> KubeObject:
    """A probe that asks for a page; `port` is the name of a container port."""
    return {"httpGet": {"path": path, "port": port, "scheme": scheme}}


def resources(cpu: str, cpu_limit: str, memory: str, memory_limit: str, storage: str) -> KubeObject:
    """Requests and limits; `storage` is the node's disk that the container may fill."""
    return {
        "requests": {"cpu": cpu, "memory": memory, "ephemeral-storage": "16Mi"},
        "limits": {"cpu": cpu_limit, "memory": memory_limit, "ephemeral-storage": storage},
    }


def service(program: Program, stack: str, port: int, kind: str = "ClusterIP") -> KubeObject:
    """The program's Service, at `port`."""
    name = program.port_name
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(program.name, program.namespace, labels(program.name, stack)),
        "spec": {
            "type": kind,
            "selector": selector(program.name),
            "ports": [{"name": name, "port": port, "targetPort": name}],
        },
    }


def rule(groups: Sequence[str], resources: Sequence[str], verbs: Sequence[str], *names: str) -> KubeObject:
    """What may be done to some kinds, or to some named objects of them."""
    named: KubeObject = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [*groups], "resources": [*resources], "verbs": [*verbs], **named}


def cluster_role(name: str, component: str, stack: str, rules: Sequence[KubeObject]) -> KubeObject:
    """Rights in the whole cluster."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": meta(name, None, labels(component, stack)),
        "rules": list(rules),
    }


def role(name: str, where: str, component: str, stack: str, rules: Sequence[KubeObject]) -> KubeObject:
    """Rights in one namespace."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": meta(name, where, labels(component, stack)),
        "rules": list(rules),
    }


def binding(grant: Grant, stack: str) -> KubeObject:
    """The grant as a RoleBinding or ClusterRoleBinding."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding" if grant.namespace else "ClusterRoleBinding",
        "metadata": meta(grant.name, grant.namespace, labels(grant.account, stack)),
        "roleRef": {"apiGroup": RBAC, "kind": grant.role_kind, "name": grant.role},
        "subjects": [{"kind": "ServiceAccount", "name": grant.account, "namespace": grant.account_namespace}],
    }


def callers_from(name: str) -> tuple[KubeObject, ...]:
    """The pods of another program in the same namespace."""
    return ({"podSelector": {"matchLabels": selector(name)}},)


def admit(
    program: Program,
    stack: str,
    *,
    callers: Sequence[KubeObject] | None,
    egress: Sequence[KubeObject] | None,
) -> KubeObject:
    """Who may call the program's port, and whom it may call (egress rules); None: everybody."""
    heard: KubeObject = {"ports": [{"protocol": "TCP", "port": program.port}]}
    if callers is not None:
        heard["from"] = list(callers)
    spec: KubeObject = {
        "podSelector": {"matchLabels": selector(program.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [heard],
        "egress": [{}] if egress is None else list(egress),
    }
    return network_policy(program.name, program.namespace, labels(program.name, stack), spec)
