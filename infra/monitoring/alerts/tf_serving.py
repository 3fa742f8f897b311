"""TensorFlow Serving against the objective: its own errors, its p95, its batch queue."""

from infra.monitoring.alerts.alert import BY_STACK, STACK, Alert
from stack.queries import Scope, tf_serving
from stack.settings import Slo


def alerts(scope: Scope, slo: Slo) -> tuple[Alert, Alert, Alert]:
    """Errors, latency, queue."""
    return (
        Alert(
            "TensorFlowServingErrors",
            f"100 * ({tf_serving.error_ratio(scope, BY_STACK).promql}) > {slo.error_percent:g}",
            "critical",
            f"{STACK}: {{{{ $value | humanize }}}} % of TensorFlow Serving's predictions fail",
            "503 means a full batch queue: see tensorflow.batching.maxEnqueuedBatches.",
        ),
        Alert(
            "TensorFlowServingSlow",
            f"{tf_serving.latency_quantile(scope, 0.95, BY_STACK).promql} > {1000 * slo.p95_millis}",
            "warning",
            f"{STACK}: TensorFlow Serving's p95 of {{{{ $value | humanize }}}} µs misses the objective",
            "Look at throttling, queue time and replicas on the dashboards.",
        ),
        Alert(
            "TensorFlowServingBatchQueueFilling",
            # half of the objective is gone before work begins
            f"{tf_serving.queue_time(scope, BY_STACK).promql} > {500 * slo.p95_millis}",
            "warning",
            f"{STACK}: requests wait {{{{ $value | humanize }}}} µs (p95) for their batch",
            "Lower tensorflow.batching.timeoutMicros or add batch threads or replicas.",
        ),
    )
