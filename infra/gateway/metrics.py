"""How Prometheus reads the gateway: one job, whose series are told apart by namespace and server."""

from infra.gateway import traefik
from stack.kube import KubeObject
from stack.namespaces import GATEWAY, PREFIX
from stack.servers import SERVERS

KEPT = "traefik_service_(requests_total|request_duration_seconds_(bucket|count|sum))"


def scraping() -> KubeObject:
    """Traefik's pods. Their label `service` ends with namespace and name of the Service behind a route."""
    servers = "|".join(server.component for server in SERVERS.values())
    service = f".+-svc-({PREFIX}.+)-({servers})-[0-9]+@kubernetesgateway"
    return {
        "job_name": "gateway",
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [GATEWAY]}}],
        "relabel_configs": [
            {
                "source_labels": ["__meta_kubernetes_pod_container_port_name"],
                "action": "keep",
                "regex": traefik.METRICS,
            },
            {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "gateway"},
        ],
        "metric_relabel_configs": [
            {"source_labels": ["__name__", "service"], "action": "keep", "regex": f"{KEPT};{service}"},
            _part_of_service(service, "$1", "namespace"),
            _part_of_service(service, "$2", "server"),
        ],
    }


def _part_of_service(pattern: str, group: str, label: str) -> KubeObject:
    return {"source_labels": ["service"], "regex": pattern, "replacement": group, "target_label": label}
