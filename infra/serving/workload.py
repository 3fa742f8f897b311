"""The objects that run one model server: ServiceAccount, ConfigMap, Deployment, Service."""

from dataclasses import dataclass

from infra.kube import (
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    config_map,
    labels,
    meta,
    name_of,
    selector,
    service_account,
)
from infra.serving.server import CONFIG_FOLDER, ModelServer
from infra.settings import Settings

DRAIN_SECONDS = 10  # endpoints are removed while the pod still answers; neither server drains by itself
GRACE_SECONDS = DRAIN_SECONDS + 35  # plus the longest request (30 s) and a margin


@dataclass(frozen=True)
class Placement:
    """Where a stack's serving objects live."""

    stack: str
    namespace: str


def objects(
    server: ModelServer, settings: Settings, placement: Placement, image: object
) -> tuple[KubeObject, ...]:
    """All that one model server needs, in the order of dependence. `image`: a reference or its promise."""
    names = labels(server.component, placement.stack)
    config = config_map(server.component, placement.namespace, names, server.files(settings))
    return (
        service_account(server.component, placement.namespace, names),
        config,
        deployment(server, settings, placement, image, name_of(config)),
        service(server, settings, placement),
    )


def deployment(
    server: ModelServer, settings: Settings, placement: Placement, image: object, config: str
) -> KubeObject:
    """The Deployment; a rollout adds one pod before it takes one away."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(server.component, placement.namespace, labels(server.component, placement.stack)),
        "spec": {
            "replicas": settings.replicas,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(server.component)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {
                "metadata": {
                    "labels": labels(server.component, placement.stack),
                    "annotations": scrape_annotations(server),
                },
                "spec": pod(server, settings, image, config),
            },
        },
    }


def scrape_annotations(server: ModelServer) -> dict[str, str]:
    """How Prometheus finds the pod's metrics."""
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": server.metrics_path,
        "prometheus.io/port": str(server.metrics.number),
    }


def pod(server: ModelServer, settings: Settings, image: object, config: str) -> KubeObject:
    """The pod's specification."""
    scratch = {f"scratch-{index}": path for index, path in enumerate(server.writable)}
    return {
        "serviceAccountName": server.component,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": RESTRICTED_POD,
        "containers": [container(server, settings, image, scratch)],
        "volumes": [
            {"name": "config", "configMap": {"name": config}},
            *({"name": name, "emptyDir": {"sizeLimit": "256Mi"}} for name in scratch),
        ],
    }


def container(server: ModelServer, settings: Settings, image: object, scratch: dict[str, str]) -> KubeObject:
    """The serving container."""
    command, *arguments = server.command(settings)
    return {
        "name": server.component,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [command],
        "args": arguments,
        "env": [{"name": name, "value": value} for name, value in server.environment(settings).items()],
        "ports": [{"name": port.name, "containerPort": port.number} for port in server.ports],
        "resources": resources(settings),
        "securityContext": RESTRICTED_CONTAINER,
        "startupProbe": server.probes.startup,
        "readinessProbe": server.probes.readiness,
        "livenessProbe": server.probes.liveness,
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "volumeMounts": [
            {"name": "config", "mountPath": CONFIG_FOLDER, "readOnly": True},
            *({"name": name, "mountPath": path} for name, path in scratch.items()),
        ],
    }


def resources(settings: Settings) -> KubeObject:
    """Requests and limits of the container."""
    wanted = settings.resources
    return {
        "requests": {"cpu": wanted.cpu_request, "memory": wanted.memory_request},
        "limits": {"cpu": wanted.cpu_limit, "memory": wanted.memory_limit},
    }


def service(server: ModelServer, settings: Settings, placement: Placement) -> KubeObject:
    """The Service. Only inference is published: metrics are scraped from the pods."""
    port = {
        "name": server.inference.name,
        "port": server.inference.number,
        "targetPort": server.inference.name,
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(server.component, placement.namespace, labels(server.component, placement.stack)),
        "spec": {
            "type": settings.service.type,
            "selector": selector(server.component),
            "ports": [port],
        },
    }
