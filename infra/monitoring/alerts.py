"""Alert rules: what is wrong, for how long, and what to look at."""

from dataclasses import dataclass

import yaml

from infra.monitoring import conditions
from stack.queries import Scope, everywhere
from stack.settings import Settings, Slo

POD = "{{ $labels.namespace }}/{{ $labels.pod }}"
STACK = "{{ $labels.namespace }}"
LASTING = "1m"  # six scrapes: one slow answer wakes nobody


@dataclass(frozen=True)
class Alert:
    """One rule. `held` is how long its expression must return something."""

    name: str
    expression: str
    severity: str
    summary: str
    remedy: str
    held: str = LASTING


def alerts(settings: Settings) -> tuple[Alert, ...]:
    """Every rule; the objective and the scrape interval come from the settings."""
    scope = everywhere(settings.platform.prometheus.scrape_seconds)
    return (*_reachable(), *_within_slo(scope, settings.slo), *_resources(scope, settings))


def _reachable() -> tuple[Alert, ...]:
    return (
        Alert(
            "ServingTargetDown",
            conditions.target_down(),
            "critical",
            f"{POD} does not answer Prometheus",
            "kubectl describe the pod; is its server running?",
        ),
        Alert(
            "MonitoringTargetDown",
            conditions.monitoring_down(),
            "warning",
            "{{ $labels.job }} at {{ $labels.instance }} does not answer Prometheus",
            "Dashboards and other alerts that need it are blind.",
        ),
    )


def _within_slo(scope: Scope, slo: Slo) -> tuple[Alert, ...]:
    return (
        Alert(
            "TensorFlowServingErrors",
            conditions.tensorflow_errors(scope, slo.error_percent),
            "critical",
            f"{STACK}: {{{{ $value | humanize }}}} % of TensorFlow Serving's predictions fail",
            "503 means a full batch queue: see tensorflow.batching.maxEnqueuedBatches.",
        ),
        Alert(
            "TorchServeErrors",
            conditions.torchserve_errors(scope, slo.error_percent),
            "critical",
            f"{STACK}: {{{{ $value | humanize }}}} % of TorchServe's answers are 5xx",
            "503 means a full job queue or no worker: kubectl logs, python -m bench verify.",
        ),
        Alert(
            "TensorFlowServingSlow",
            conditions.tensorflow_slow(scope, slo.p95_millis),
            "warning",
            f"{STACK}: TensorFlow Serving's p95 of {{{{ $value | humanize }}}} µs misses the objective",
            "Look at throttling, queue time and replicas on the dashboards.",
        ),
        Alert(
            "TorchServeSlow",
            conditions.torchserve_slow(scope, slo.p95_millis),
            "warning",
            f"{STACK}: TorchServe's mean of {{{{ $value | humanize }}}} µs misses p95's objective",
            "Workers × threads above the CPU limit fight for it; see torch-tuned.",
        ),
        Alert(
            "TensorFlowServingBatchQueueFilling",
            conditions.tensorflow_queue(scope, slo.p95_millis),
            "warning",
            f"{STACK}: requests wait {{{{ $value | humanize }}}} µs (p95) for their batch",
            "Lower tensorflow.batching.timeoutMicros or add batch threads or replicas.",
        ),
        Alert(
            "TorchServeQueueFilling",
            conditions.torchserve_queue(scope, slo.p95_millis),
            "warning",
            f"{STACK}: requests wait {{{{ $value | humanize }}}} µs (mean) for a worker",
            "Lower torchserve.maxBatchDelayMillis or add workers or replicas.",
        ),
    )


def _resources(scope: Scope, settings: Settings) -> tuple[Alert, ...]:
    return (
        Alert(
            "AutoscalerAtMax",
            conditions.autoscaler_at_max(),
            "info",
            f"{STACK}/{{{{ $labels.horizontalpodautoscaler }}}} wants all its {{{{ $value }}}} replicas",
            "Raise autoscaling.maxReplicas if the objective is missed.",
        ),
        Alert(
            "PodRestarting",
            conditions.pod_restarting(),
            "warning",
            f"{POD}: container {{{{ $labels.container }}}} was restarted",
            "kubectl logs --previous; out of memory shows in kubectl describe pod.",
            held="0s",
        ),
        Alert(
            "CpuThrottled",
            conditions.cpu_throttled(scope),
            "warning",
            f"{POD}: stopped in {{{{ $value | humanizePercentage }}}} of periods",
            "Raise resources.cpuLimit or use fewer threads.",
        ),
        Alert(
            "MemoryNearLimit",
            conditions.memory_near_limit(),
            "warning",
            f"{POD}: {{{{ $value | humanizePercentage }}}} of the memory limit",
            "Raise resources.memoryLimit or run fewer workers.",
        ),
        Alert(
            "PrometheusStorageFilling",
            conditions.storage_filling(settings.platform.prometheus),
            "warning",
            "Prometheus keeps {{ $value | humanize1024 }}B, more than 90 % of its volume",
            "Raise platform.prometheus.storage or shorten platform.prometheus.retention.",
        ),
    )


def rules(settings: Settings) -> str:
    """Prometheus' rules file."""
    group = {"name": "emotion-serving", "rules": [_rule(alert) for alert in alerts(settings)]}
    return yaml.safe_dump({"groups": [group]}, sort_keys=False, allow_unicode=True, width=200)


def _rule(alert: Alert) -> dict[str, object]:
    return {
        "alert": alert.name,
        "expr": alert.expression,
        "for": alert.held,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "description": alert.remedy},
    }
