"""Alert rules: what is wrong, for how long, and what to look at. Those of a model server are in its file."""

from collections.abc import Callable, Mapping

import yaml

from infra.monitoring.alerts import conditions, objectives, tf_serving, torchserve, triton
from infra.monitoring.alerts.alert import POD, STACK, Alert
from infra.monitoring.alerts.objectives import Record
from stack.queries import Scope, everywhere
from stack.settings import Settings, Slo

# Of each server: errors, latency and queue against the objective, in this order.
OF_SERVERS: Mapping[str, Callable[[Scope, Slo], tuple[Alert, Alert, Alert]]] = {
    "tensorflow": tf_serving.alerts,
    "torchserve": torchserve.alerts,
    "triton": triton.alerts,
}


def alerts(settings: Settings) -> tuple[Alert, ...]:
    """Every rule; the objective and the scrape interval come from the settings."""
    scope = everywhere(settings.platform.prometheus.scrape_seconds)
    return (
        *_reachable(),
        *_within_slo(scope, settings.slo),
        *objectives.alerts(settings.platform.prometheus.retention),
        *_resources(scope, settings),
        *(_keda() if settings.platform.keda.enabled else ()),
    )


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
    """What is alike stands together."""
    by_server = [alerts(scope, slo) for alerts in OF_SERVERS.values()]
    return tuple(alert for alike in zip(*by_server, strict=True) for alert in alike)


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


def _keda() -> tuple[Alert, ...]:
    return (
        Alert(
            "AutoscalerBlind",
            conditions.autoscaler_blind(),
            "warning",
            f"{STACK}/{{{{ $labels.horizontalpodautoscaler }}}} does not know its metric",
            "make status names the cause.",
        ),
    )


def rules(settings: Settings) -> str:
    """Prometheus' rules file."""
    groups = [
        {
            "name": "emotion-serving-objectives",
            "interval": objectives.EVERY,
            "rules": [_record(record) for record in objectives.records(settings)],
        },
        {"name": "emotion-serving", "rules": [_rule(alert) for alert in alerts(settings)]},
    ]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, allow_unicode=True, width=200)


def _record(record: Record) -> dict[str, object]:
    return {"record": record.name, "expr": record.expression, "labels": dict(record.labels)}


def _rule(alert: Alert) -> dict[str, object]:
    return {
        "alert": alert.name,
        "expr": alert.expression,
        "for": alert.held,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "description": alert.remedy},
    }
