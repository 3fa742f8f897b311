"""Replicas wanted and ready, and what the HorizontalPodAutoscalers see, by kube-state-metrics."""

from stack.queries.query import AUTOSCALING, Query, Scope

HPA = "kube_horizontalpodautoscaler_"
UTILIZATION = 'metric_target_type="utilization"'


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        replicas_wanted(scope),
        replicas_ready(scope),
        autoscaler_wish(scope),
        autoscaler_limit(scope),
        metric_seen(scope),
        metric_target(scope),
    )


def replicas_wanted(scope: Scope) -> Query:
    """Pods that each Deployment asks for."""
    expression = f"max by (deployment) (kube_deployment_spec_replicas{scope.namespace()})"
    return Query("replicas wanted", "pods", expression, "{{deployment}} wanted")


def replicas_ready(scope: Scope) -> Query:
    """Pods of each Deployment that take requests."""
    expression = f"max by (deployment) (kube_deployment_status_replicas_ready{scope.namespace()})"
    return Query("replicas ready", "pods", expression, "{{deployment}} ready")


def autoscaler_wish(scope: Scope) -> Query:
    """Pods that each autoscaler wants."""
    return _of_autoscaler("autoscaler's wish", "pods", "status_desired_replicas", scope, "wanted")


def autoscaler_limit(scope: Scope) -> Query:
    """Most pods that each autoscaler may ask for."""
    return _of_autoscaler("autoscaler's limit", "pods", "spec_max_replicas", scope, "at most")


def metric_seen(scope: Scope) -> Query:
    """CPU in percent of the request, as the autoscaler sees it; a gap is its `<unknown>`."""
    return _of_autoscaler("autoscaler's metric", "percent", "status_target_metric", scope, "CPU", UTILIZATION)


def metric_target(scope: Scope) -> Query:
    """The CPU utilisation that the autoscaler aims at."""
    return _of_autoscaler(
        "autoscaler's target", "percent", "spec_target_metric", scope, "target", UTILIZATION
    )


def _of_autoscaler(name: str, unit: str, metric: str, scope: Scope, what: str, *matchers: str) -> Query:
    label = "horizontalpodautoscaler"
    expression = f"max by ({label}) ({HPA}{metric}{scope.namespace(*matchers)})"
    return Query(name, unit, expression, f"{{{{{label}}}}} {what}", (AUTOSCALING,))
