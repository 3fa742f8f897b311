"""Replicas wanted and ready, and what the HorizontalPodAutoscalers see, by kube-state-metrics."""

from stack.queries.query import AUTOSCALING, HPA, KEDA, Query, Scope

FAMILY = "kube_horizontalpodautoscaler_"
UTILIZATION = 'metric_target_type="utilization"'
AVERAGE = 'metric_target_type="average"'


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        replicas_wanted(scope),
        replicas_ready(scope),
        autoscaler_wish(scope),
        autoscaler_limit(scope),
        metric_seen(scope),
        metric_target(scope),
        load_seen(scope),
        load_target(scope),
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
    name, what = "autoscaler's metric", "CPU"
    return _of_autoscaler(name, "percent", "status_target_metric", scope, what, UTILIZATION, needs=HPA)


def metric_target(scope: Scope) -> Query:
    """The CPU utilisation that the autoscaler aims at."""
    name, what = "autoscaler's target", "target"
    return _of_autoscaler(name, "percent", "spec_target_metric", scope, what, UTILIZATION, needs=HPA)


def load_seen(scope: Scope) -> Query:
    """A load for each pod, as the autoscaler sees it; a gap is its `<unknown>`."""
    name, what = "autoscaler's load for each pod", "sees"
    return _of_autoscaler(name, "load", "status_target_metric", scope, what, AVERAGE, needs=KEDA)


def load_target(scope: Scope) -> Query:
    """The load for each pod that the autoscaler aims at."""
    name, what = "autoscaler's target for each pod", "target"
    return _of_autoscaler(name, "load", "spec_target_metric", scope, what, AVERAGE, needs=KEDA)


def _of_autoscaler(
    name: str, unit: str, metric: str, scope: Scope, what: str, *matchers: str, needs: str = ""
) -> Query:
    label = "horizontalpodautoscaler"
    expression = f"max by ({label}) ({FAMILY}{metric}{scope.namespace(*matchers)})"
    there = (AUTOSCALING, needs) if needs else (AUTOSCALING,)
    return Query(name, unit, expression, f"{{{{{label}}}}} {what}", there)
