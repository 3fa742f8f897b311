"""Prometheus: finds every stack's serving pods by annotations, through a Role in each namespace."""

from collections.abc import Sequence

import yaml

from infra.kube import (
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    config_map,
    labels,
    meta,
    name_of,
    namespace,
    selector,
    service_account,
)
from infra.settings import PrometheusSettings

NAME = "prometheus"
NAMESPACE = "emotion-monitoring"
PORT = 9090
SCRAPE_SECONDS = 10  # as in the thesis
RBAC = "rbac.authorization.k8s.io"


def objects(
    stack: str, version: str, settings: PrometheusSettings, serving_namespaces: Sequence[str]
) -> tuple[KubeObject, ...]:
    """Everything that Prometheus needs, in the order of dependence."""
    names = labels(NAME, stack)
    config = config_map(NAME, NAMESPACE, names, {"prometheus.yml": configuration(serving_namespaces)})
    return (
        namespace(NAMESPACE, names),
        service_account(NAME, NAMESPACE, names, token=True),
        config,
        _deployment(stack, version, settings, name_of(config)),
        _service(stack),
    )


def access(stack: str, serving_namespace: str) -> tuple[KubeObject, ...]:
    """What lets the platform's Prometheus list the pods of one serving namespace, and nothing else."""
    names = labels(NAME, stack)
    role: KubeObject = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": meta("prometheus-discovery", serving_namespace, names),
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}],
    }
    binding: KubeObject = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": meta("prometheus-discovery", serving_namespace, names),
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "prometheus-discovery"},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }
    return (role, binding)


def configuration(serving_namespaces: Sequence[str]) -> str:
    """`prometheus.yml`."""
    pods = {
        "job_name": "serving",
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": sorted(serving_namespaces)}}],
        "relabel_configs": _relabelings(),
    }
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s"},
            "scrape_configs": [
                {"job_name": NAME, "static_configs": [{"targets": [f"localhost:{PORT}"]}]},
                pods,
            ],
        },
        sort_keys=False,
    )


def _relabelings() -> list[KubeObject]:
    annotation = "__meta_kubernetes_pod_annotation_prometheus_io_"
    return [
        {"source_labels": [f"{annotation}scrape"], "action": "keep", "regex": "true"},
        {"source_labels": [f"{annotation}path"], "target_label": "__metrics_path__", "regex": "(.+)"},
        {
            "source_labels": ["__meta_kubernetes_pod_ip", f"{annotation}port"],
            "separator": ":",
            "target_label": "__address__",
        },
        {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
        {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
        {
            "source_labels": ["__meta_kubernetes_pod_label_app_kubernetes_io_name"],
            "target_label": "server",
        },
        # A container with two ports is discovered twice; the address above makes the copies equal, and
        # Prometheus drops the second.
        {"source_labels": ["__meta_kubernetes_pod_phase"], "action": "drop", "regex": "Succeeded|Failed"},
    ]


def _deployment(stack: str, version: str, settings: PrometheusSettings, config: str) -> KubeObject:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(NAME, NAMESPACE, labels(NAME, stack)),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(NAME)},
            "strategy": {"type": "Recreate"},  # two must never write to one volume
            "template": {
                "metadata": {"labels": labels(NAME, stack)},
                "spec": {
                    "serviceAccountName": NAME,
                    "securityContext": RESTRICTED_POD,
                    "containers": [_container(version, settings)],
                    "volumes": [
                        {"name": "config", "configMap": {"name": config}},
                        {"name": "data", "emptyDir": {"sizeLimit": settings.storage}},
                    ],
                },
            },
        },
    }


def _container(version: str, settings: PrometheusSettings) -> KubeObject:
    return {
        "name": NAME,
        "image": f"prom/prometheus:v{version.removeprefix('v')}",
        "imagePullPolicy": "IfNotPresent",
        "args": [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={settings.retention}",
        ],
        "ports": [{"name": "http", "containerPort": PORT}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"cpu": "1", "memory": "1Gi"},
        },
        "securityContext": RESTRICTED_CONTAINER,
        "startupProbe": _probe("/-/ready") | {"periodSeconds": 1, "failureThreshold": 120},
        "readinessProbe": _probe("/-/ready") | {"periodSeconds": 5},
        "livenessProbe": _probe("/-/healthy") | {"periodSeconds": 10},
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/prometheus", "readOnly": True},
            {"name": "data", "mountPath": "/prometheus"},
        ],
    }


def _probe(path: str) -> KubeObject:
    return {"httpGet": {"path": path, "port": "http"}}


def _service(stack: str) -> KubeObject:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(NAME, NAMESPACE, labels(NAME, stack)),
        "spec": {"selector": selector(NAME), "ports": [{"name": "http", "port": PORT, "targetPort": "http"}]},
    }
