"""The platform: what all stacks of a cluster share, declared once."""

from infra.gateway import traefik
from infra.monitoring import grafana, kube_state_metrics, metrics_server, prometheus
from infra.scaling import keda, vpa
from stack import kube
from stack.kube import KubeObject
from stack.namespaces import MONITORING
from stack.settings import Settings
from stack.settings.scaling import KEDA, VPA
from stack.versions import Versions


def objects(
    stack: str,
    settings: Settings,
    versions: Versions,
    *,
    insecure_kubelet: bool,
) -> dict[str, tuple[KubeObject, ...]]:
    """The objects by component; without those that the cluster has already."""
    platform, found = settings.platform, dict[str, tuple[KubeObject, ...]]()
    if platform.metrics_server.enabled:
        version = versions.image("registry.k8s.io/metrics-server/metrics-server")
        found["metrics-server"] = metrics_server.objects(stack, version, insecure_kubelet=insecure_kubelet)
    if platform.prometheus.enabled or platform.grafana.enabled:
        found["monitoring"] = (
            kube.namespace(MONITORING, kube.labels("monitoring", stack)),
            kube.deny_all(MONITORING, kube.labels("monitoring", stack)),
        )
    if platform.prometheus.enabled:
        ksm = versions.image("registry.k8s.io/kube-state-metrics/kube-state-metrics")
        found["kube-state-metrics"] = kube_state_metrics.objects(stack, ksm)
        found["prometheus"] = prometheus.objects(
            stack,
            versions.image("prom/prometheus"),
            settings,
            insecure_kubelet=insecure_kubelet,
        )
    if platform.grafana.enabled:
        url = platform.prometheus.url or f"http://{prometheus.NAME}:{prometheus.PORT}"
        found["grafana"] = grafana.objects(
            stack,
            versions.image("grafana/grafana"),
            platform.grafana,
            settings.slo,
            url,
            scrape_seconds=platform.prometheus.scrape_seconds,
            with_gateway=platform.gateway.enabled,
            with_keda=platform.keda.enabled,
        )
    if platform.gateway.enabled:
        found[traefik.NAME] = traefik.objects(
            stack, versions.image("traefik"), platform.gateway, settings.slo
        )
    if platform.keda.enabled:
        tags = {name: versions.image(image) for name, image in keda.IMAGES.items()}
        found[KEDA] = keda.objects(stack, tags)
    if platform.vpa.enabled:
        tags = {name: versions.image(image) for name, image in vpa.IMAGES.items()}
        found[VPA] = vpa.objects(stack, tags, platform.vpa)
    return found
