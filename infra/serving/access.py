"""Who may talk to the serving pods, and with which credentials their images are pulled."""

import base64

from infra.gateway import door
from stack.kube import KubeObject, labels, meta, network_policy, selector
from stack.namespaces import MONITORING, Placement
from stack.servers.server import ModelServer
from stack.settings import Settings

PULL_SECRET = "registry-credentials"
# The platform's Prometheus, by labels that Kubernetes and our own objects set.
PROMETHEUS: KubeObject = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}},
    "podSelector": {"matchLabels": selector("prometheus")},
}
ANY_NAMESPACE: KubeObject = {"namespaceSelector": {}}


def allow(server: ModelServer, settings: Settings, placement: Placement) -> KubeObject:
    """Inference from anywhere, or from the gateway; metrics from Prometheus. A model server calls nobody."""
    spec: KubeObject = {
        "podSelector": {"matchLabels": selector(server.component)},
        "policyTypes": ["Ingress"],
        "ingress": _ingress(server, settings),
    }
    names = labels(server.component, placement.stack)
    return network_policy(server.component, placement.namespace, names, spec)


def _ingress(server: ModelServer, settings: Settings) -> list[KubeObject]:
    inference: KubeObject = {"ports": [_port(server.inference.number)]}
    gateway = settings.service.gateway
    if peer := door.callers(gateway) if gateway else None:
        scraper = [_scraper(settings)] if server.metrics == server.inference else []
        inference["from"] = [peer, *scraper]
    if server.metrics == server.inference:
        return [inference]
    metrics: KubeObject = {"ports": [_port(server.metrics.number)]}
    if not settings.service.publish_metrics:
        metrics["from"] = [_scraper(settings)]
    return [inference, metrics]


def _scraper(settings: Settings) -> KubeObject:
    prometheus = settings.platform.prometheus
    return PROMETHEUS if prometheus.enabled and not prometheus.url else ANY_NAMESPACE


def _port(number: int) -> KubeObject:
    return {"protocol": "TCP", "port": number}


def pull_secret(docker_config: str, placement: Placement) -> KubeObject:
    """The registry's credentials; `docker_config` is the JSON text of a Docker config.json."""
    encoded = base64.b64encode(docker_config.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta(PULL_SECRET, placement.namespace, labels("serving", placement.stack)),
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": encoded},
    }
