"""The PromQL of the alerts: each returns a series where something is wrong, and nothing otherwise."""

from infra.rules import mebibytes
from infra.settings import Settings

SERVING = 'job="serving"'
CLIENT_FAULTS = "OK|INVALID_ARGUMENT|NOT_FOUND"  # answered 200, 400, 404: no failure of the server


def target_down() -> str:
    """A serving pod whose metrics cannot be had."""
    return f"up{{{SERVING}}} == 0"


def monitoring_down() -> str:
    """A source of the dashboards that does not answer."""
    return 'up{job!="serving"} == 0'


def tensorflow_errors(window: str, error_percent: float) -> str:
    """Failures, % of all predictions; requests that were wrong themselves do not count."""
    failed = _rate(f':tensorflow:serving:request_count{{{SERVING},status!~"{CLIENT_FAULTS}"}}', window)
    answered = _rate(f':tensorflow:serving:request_latency_count{{{SERVING},API="predict"}}', window)
    return f"{_share(failed, answered)} > {error_percent:g}"


def torchserve_errors(window: str, error_percent: float) -> str:
    """Answers 5xx, % of all answers but those to requests that were wrong themselves."""
    failed, answered = (_rate(f"{name}{{{SERVING}}}", window) for name in ("Requests5XX", "Requests2XX"))
    return f"{_share(failed, answered)} > {error_percent:g}"


def tensorflow_slow(window: str, p95_millis: int) -> str:
    """The server's own 95th percentile, µs."""
    buckets = f':tensorflow:serving:request_latency_bucket{{{SERVING},API="predict"}}'
    return f"{_p95(buckets, window)} > {1000 * p95_millis}"


def torchserve_slow(window: str, p95_millis: int) -> str:
    """The server's mean, µs: TorchServe has no histogram. A mean above p95's objective surely misses it."""
    return f"{_torchserve_mean('ts_inference_latency_microseconds', window)} > {1000 * p95_millis}"


def tensorflow_queue(window: str, p95_millis: int) -> str:
    """Time in the batch queue, 95th percentile, µs: half of the objective is gone before work begins."""
    buckets = f":tensorflow:serving:batching_session:queuing_latency_bucket{{{SERVING}}}"
    return f"{_p95(buckets, window)} > {500 * p95_millis}"


def torchserve_queue(window: str, p95_millis: int) -> str:
    """Mean time in TorchServe's job queue, µs."""
    return f"{_torchserve_mean('ts_queue_latency_microseconds', window)} > {500 * p95_millis}"


def autoscaler_at_max() -> str:
    """An autoscaler that has no pod left to add."""
    desired = "kube_horizontalpodautoscaler_status_desired_replicas"
    return f"{desired} >= kube_horizontalpodautoscaler_spec_max_replicas"


def pod_restarting() -> str:
    """Restarts of a container within ten minutes."""
    return "increase(kube_pod_container_status_restarts_total[10m]) > 0"


def cpu_throttled(window: str) -> str:
    """Share of the 100 ms periods in which a serving container's CPU limit stopped it."""
    where = 'namespace=~"emotion-.+",container=~"tensorflow-serving|torchserve"'
    stopped = f"rate(container_cpu_cfs_throttled_periods_total{{{where}}}[{window}])"
    return f"{stopped} / rate(container_cpu_cfs_periods_total{{{where}}}[{window}]) > 0.25"


def memory_near_limit() -> str:
    """A container that will soon be killed."""
    limit = 'kube_pod_container_resource_limits{resource="memory"}'
    used = 'container_memory_working_set_bytes{container!=""}'
    return f"{used} / on (namespace, pod, container) {limit} > 0.9"


def storage_filling(settings: Settings) -> str:
    """What Prometheus keeps, against its volume."""
    kept = "prometheus_tsdb_storage_blocks_bytes + prometheus_tsdb_wal_storage_size_bytes"
    size = round(mebibytes(settings.platform.prometheus.storage) * 2**20)
    return f"{kept} > {round(0.9 * size)}"


def _p95(buckets: str, window: str) -> str:
    return f"histogram_quantile(0.95, sum by (namespace, le) (rate({buckets}[{window}])))"


def _torchserve_mean(total: str, window: str) -> str:
    spent, requests = (
        _rate(f"{name}{{{SERVING}}}", window) for name in (total, "ts_inference_requests_total")
    )
    return f"{spent} / {requests}"


def _share(part: str, rest: str) -> str:
    """`part`, % of both; 100 while nothing of the rest has ever been counted."""
    return f"100 * {part} / ({part} + ({rest} or 0 * {part}))"


def _rate(counter: str, window: str) -> str:
    return f"sum by (namespace) (rate({counter}[{window}]))"
