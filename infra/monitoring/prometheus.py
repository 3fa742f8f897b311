"""Prometheus: every stack's serving pods by annotations, every node's kubelet, kube-state-metrics."""

from infra.monitoring import alerts, component, scraping
from infra.monitoring.component import Grant, Program
from stack.kube import KubeObject, config_map, labels, meta, name_of, service_account
from stack.namespaces import MONITORING, PROMETHEUS, PROMETHEUS_PORT
from stack.quantities import mebibytes
from stack.settings import PrometheusSettings, Settings

NAME, PORT = PROMETHEUS, PROMETHEUS_PORT
ROLE = "emotion-prometheus"
RIGHTS: tuple[KubeObject, ...] = (
    {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
)


def objects(
    stack: str, version: str, settings: Settings, *, insecure_kubelet: bool
) -> tuple[KubeObject, ...]:
    """Everything that Prometheus needs but the namespace, in the order of dependence."""
    names, wanted = labels(NAME, stack), settings.platform.prometheus
    gateway = settings.platform.gateway.enabled
    sources = scraping.Sources(wanted.scrape_seconds, insecure_kubelet, gateway)
    files = {"prometheus.yml": scraping.configuration(sources), "alerts.yml": alerts.rules(settings)}
    config = config_map(NAME, MONITORING, names, files)
    running = program(version, wanted, name_of(config))
    return (
        service_account(NAME, MONITORING, names, token=True),
        component.cluster_role(ROLE, NAME, stack, RIGHTS),
        component.binding(Grant(ROLE, "ClusterRole", ROLE, NAME, MONITORING), stack),
        config,
        *((_claim(stack, wanted, wanted.storage_class),) if wanted.storage_class else ()),
        component.admit(running, stack, callers=None, egress=None),
        component.deployment(running, stack),
        component.service(running, stack, PORT),
    )


def program(version: str, settings: PrometheusSettings, config: str) -> Program:
    """Prometheus `version`; its data outlives the pod only in a PersistentVolumeClaim."""
    claim: KubeObject = {"persistentVolumeClaim": {"claimName": NAME}}
    scratch: KubeObject = {"emptyDir": {"sizeLimit": settings.storage}}
    size = round(mebibytes(settings.storage))
    return Program(
        name=NAME,
        namespace=MONITORING,
        image=f"prom/prometheus:v{version.removeprefix('v')}",
        port=PORT,
        readiness=component.get("/-/ready"),
        liveness=component.get("/-/healthy"),
        startup_seconds=120,
        resources=component.resources(
            "100m", "1", "256Mi", "1Gi", "128Mi" if settings.storage_class else f"{size + 128}Mi"
        ),
        volumes={
            "config": {"configMap": {"name": config}},
            "data": claim if settings.storage_class else scratch,
        },
        mounts={"config": "/etc/prometheus", "data": "/prometheus"},
        arguments=(
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={settings.retention}",
            # Prometheus' manual: at most 80–85 % of the disk, the rest is for the write-ahead log
            f"--storage.tsdb.retention.size={round(0.8 * size)}MB",
        ),
        token=True,
    )


def _claim(stack: str, settings: PrometheusSettings, storage_class: str) -> KubeObject:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta(NAME, MONITORING, labels(NAME, stack)),
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": settings.storage}},
        },
    }
