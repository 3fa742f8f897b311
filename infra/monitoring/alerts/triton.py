"""Triton against the objective: its own errors, the p95 of its slowest pod, its queue."""

from infra.monitoring.alerts.alert import BY_STACK, STACK, Alert
from stack.queries import Scope, triton
from stack.settings import Slo


def alerts(scope: Scope, slo: Slo) -> tuple[Alert, Alert, Alert]:
    """Errors, latency, queue."""
    return (
        Alert(
            "TritonErrors",
            f"100 * ({triton.error_ratio(scope, BY_STACK).promql}) > {slo.error_percent:g}",
            "critical",
            f"{STACK}: {{{{ $value | humanize }}}} % of Triton's requests fail",
            "An instance may be dead: kubectl describe pod, python -m bench verify.",
        ),
        Alert(
            "TritonSlow",
            f"{triton.latency_p95(scope, BY_STACK).promql} > {1000 * slo.p95_millis}",
            "warning",
            f"{STACK}: Triton's p95 of {{{{ $value | humanize }}}} µs misses the objective",
            "Look at throttling, queue time and replicas on the dashboards.",
        ),
        Alert(
            "TritonQueueFilling",
            f"{triton.queue_time(scope, BY_STACK).promql} > {500 * slo.p95_millis}",
            "warning",
            f"{STACK}: requests wait {{{{ $value | humanize }}}} µs (mean) for an instance",
            "Lower triton.queueDelayMicros or add instances or replicas.",
        ),
    )
