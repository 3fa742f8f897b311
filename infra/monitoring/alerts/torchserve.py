"""TorchServe against the objective: its own errors, its mean latency, its job queue.

It has no histogram: a mean above the objective for p95 surely misses it.
"""

from infra.monitoring.alerts.alert import BY_STACK, STACK, Alert
from stack.queries import Scope, torchserve
from stack.settings import Slo


def alerts(scope: Scope, slo: Slo) -> tuple[Alert, Alert, Alert]:
    """Errors, latency, queue."""
    return (
        Alert(
            "TorchServeErrors",
            f"100 * ({torchserve.error_ratio(scope, BY_STACK).promql}) > {slo.error_percent:g}",
            "critical",
            f"{STACK}: {{{{ $value | humanize }}}} % of TorchServe's answers are 5xx",
            "503 means a full job queue or no worker: kubectl logs, python -m bench verify.",
        ),
        Alert(
            "TorchServeSlow",
            f"{torchserve.latency_mean(scope, BY_STACK).promql} > {1000 * slo.p95_millis}",
            "warning",
            f"{STACK}: TorchServe's mean of {{{{ $value | humanize }}}} µs misses p95's objective",
            "Workers × threads above the CPU limit fight for it; see torch-tuned.",
        ),
        Alert(
            "TorchServeQueueFilling",
            f"{torchserve.queue_time(scope, BY_STACK).promql} > {500 * slo.p95_millis}",
            "warning",
            f"{STACK}: requests wait {{{{ $value | humanize }}}} µs (mean) for a worker",
            "Lower torchserve.maxBatchDelayMillis or add workers or replicas.",
        ),
    )
