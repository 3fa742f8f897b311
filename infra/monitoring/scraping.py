"""`prometheus.yml`: where metrics come from, and which of them are kept."""

from dataclasses import dataclass

import yaml

from infra.gateway import metrics as gateway
from infra.monitoring import kube_state_metrics
from stack.kube import KubeObject
from stack.namespaces import MONITORING, PREFIX

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
OWN_PORT = 9090
# cAdvisor writes some hundred series a container: those of our namespaces, and a few of the whole node.
CONTAINER_METRICS = (
    "container_(cpu_usage_seconds_total|cpu_cfs_periods_total|cpu_cfs_throttled_periods_total"
    "|cpu_cfs_throttled_seconds_total|memory_working_set_bytes|network_(receive|transmit)_bytes_total)"
)
NODE_METRICS = "container_(cpu_usage_seconds_total|memory_working_set_bytes)"
KUBELET_METRICS = "kubelet_running_(pods|containers)|kubelet_pod_start_duration_seconds_(sum|count)"


@dataclass(frozen=True)
class Sources:
    """How often is scraped, whether the kubelets' certificates are to be trusted, if there is a gateway."""

    scrape_seconds: int
    insecure_kubelet: bool
    gateway: bool = False


def configuration(sources: Sources) -> str:
    """The whole file."""
    interval = f"{sources.scrape_seconds}s"
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": interval, "evaluation_interval": interval},
            "rule_files": ["/etc/prometheus/alerts.yml"],
            "scrape_configs": [
                _static("prometheus", f"localhost:{OWN_PORT}"),
                _serving(),
                _kubelet("kubelet", "/metrics", _keep("__name__", KUBELET_METRICS), sources),
                _kubelet("cadvisor", "/metrics/cadvisor", _container_metrics(), sources),
                _kube_state_metrics(),
                *((gateway.scraping(),) if sources.gateway else ()),
            ],
        },
        sort_keys=False,
    )


def _static(job: str, target: str) -> KubeObject:
    return {"job_name": job, "static_configs": [{"targets": [target]}]}


def _kube_state_metrics() -> KubeObject:
    target = f"{kube_state_metrics.NAME}.{MONITORING}.svc:{kube_state_metrics.PORT}"
    kept = _keep("namespace", f"{PREFIX}.+")
    return _static(kube_state_metrics.NAME, target) | {"honor_labels": True, "metric_relabel_configs": [kept]}


def _serving() -> KubeObject:
    """Pods of every stack that is or will be: what is scraped never depends on which stacks are known."""
    annotation = "__meta_kubernetes_pod_annotation_prometheus_io_"
    return {
        "job_name": "serving",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep("__meta_kubernetes_namespace", f"{PREFIX}.+"),
            _keep(f"{annotation}scrape", "true"),
            {"source_labels": [f"{annotation}path"], "target_label": "__metrics_path__", "regex": "(.+)"},
            {
                "source_labels": ["__meta_kubernetes_pod_ip", f"{annotation}port"],
                "separator": ":",
                "target_label": "__address__",
            },
            _label("__meta_kubernetes_namespace", "namespace"),
            _label("__meta_kubernetes_pod_name", "pod"),
            _label("__meta_kubernetes_pod_label_app_kubernetes_io_name", "server"),
            # A container with two ports is discovered twice; the address above makes the copies equal, and
            # Prometheus drops the second.
            {"source_labels": ["__meta_kubernetes_pod_phase"], "action": "drop", "regex": "Succeeded|Failed"},
        ],
    }


def _kubelet(job: str, path: str, kept: KubeObject, sources: Sources) -> KubeObject:
    trust: KubeObject = (
        {"insecure_skip_verify": True} if sources.insecure_kubelet else {"ca_file": f"{ACCOUNT}/ca.crt"}
    )
    return {
        "job_name": job,
        "scheme": "https",
        "metrics_path": path,
        "authorization": {"credentials_file": f"{ACCOUNT}/token"},
        "tls_config": trust,
        "honor_timestamps": False,  # cAdvisor's are old by up to its own interval: series would end late
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [_label("__meta_kubernetes_node_name", "node")],
        "metric_relabel_configs": [kept],
    }


def _container_metrics() -> KubeObject:
    ours = f"{CONTAINER_METRICS};{PREFIX}.+;.*"
    nodes = f"{NODE_METRICS};;/|machine_(cpu_cores|memory_bytes);;.*"
    return {"source_labels": ["__name__", "namespace", "id"], "action": "keep", "regex": f"{ours}|{nodes}"}


def _keep(label: str, pattern: str) -> KubeObject:
    return {"source_labels": [label], "action": "keep", "regex": pattern}


def _label(source: str, target: str) -> KubeObject:
    return {"source_labels": [source], "target_label": target}
