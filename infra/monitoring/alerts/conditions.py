"""The PromQL of the alerts: each returns a series where something is wrong, and nothing otherwise.

What a dashboard draws too is the dashboard's own query with a bound: panel and alert cannot disagree.
"""

from stack.quantities import mebibytes
from stack.queries import Scope, node, resources
from stack.settings import PrometheusSettings

POD = "namespace, pod"


def target_down() -> str:
    """A serving pod whose metrics cannot be had."""
    return 'up{job="serving"} == 0'


def monitoring_down() -> str:
    """A source of the dashboards that does not answer."""
    return 'up{job!="serving"} == 0'


def autoscaler_at_max() -> str:
    """An autoscaler that has no pod left to add."""
    desired = "kube_horizontalpodautoscaler_status_desired_replicas"
    return f"{desired} >= kube_horizontalpodautoscaler_spec_max_replicas"


def autoscaler_blind() -> str:
    """An autoscaler without its metric."""
    inactive = 'condition="ScalingActive",status="false"'
    return f"kube_horizontalpodautoscaler_status_condition{{{inactive}}} == 1"


def pod_restarting() -> str:
    """Restarts of a container within ten minutes."""
    return "increase(kube_pod_container_status_restarts_total[10m]) > 0"


def cpu_throttled(scope: Scope) -> str:
    """A quarter of the 100 ms periods in which a serving container's CPU limit stopped it."""
    return f"{resources.throttled(scope, POD).promql} > 0.25"


def memory_near_limit() -> str:
    """A container that will soon be killed."""
    limit = 'kube_pod_container_resource_limits{resource="memory"}'
    used = 'container_memory_working_set_bytes{container!=""}'
    return f"{used} / on (namespace, pod, container) {limit} > 0.9"


def storage_filling(settings: PrometheusSettings) -> str:
    """What Prometheus keeps, against its volume."""
    size = mebibytes(settings.storage) * 2**20
    return f"{node.storage_used().promql} > {round(0.9 * size)}"
