"""What the serving containers use of the node, by cAdvisor, and what they may, by kube-state-metrics."""

from stack.queries.query import Query, Scope, quotient

SERVING = 'container=~"tensorflow-serving|torchserve"'


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        targets_up(scope),
        cpu_used(scope),
        cpu_allowed(scope),
        throttled(scope),
        memory_used(scope),
        memory_allowed(scope),
        restarts(scope),
    )


def targets_up(scope: Scope) -> Query:
    """1 for each serving pod that Prometheus reaches."""
    serving = 'job="serving"'
    return Query("serving pods up", "pods", f"up{scope.pods(serving)}")


def cpu_used(scope: Scope) -> Query:
    """Cores in use, by pod."""
    expression = f"sum by (pod) ({scope.rate('container_cpu_usage_seconds_total', SERVING)})"
    return Query("CPU used", "cores", expression)


def cpu_allowed(scope: Scope) -> Query:
    """The largest CPU limit of a pod."""
    limits = scope.pods('resource="cpu"', SERVING)
    return Query("CPU limit", "cores", f"max(kube_pod_container_resource_limits{limits})", "limit")


def throttled(scope: Scope, by: str = "pod") -> Query:
    """Share of the CFS periods (100 ms) in which a container was held back by its CPU limit."""
    expression = quotient(
        scope.rate("container_cpu_cfs_throttled_periods_total", SERVING),
        scope.rate("container_cpu_cfs_periods_total", SERVING),
        by,
    )
    return Query("CPU throttled", "percentunit", expression)


def memory_used(scope: Scope) -> Query:
    """The working set, which the kernel cannot reclaim, by pod."""
    expression = f"sum by (pod) (container_memory_working_set_bytes{scope.pods(SERVING)})"
    return Query("memory used", "bytes", expression)


def memory_allowed(scope: Scope) -> Query:
    """The largest memory limit of a pod; above it a container is killed."""
    limits = scope.pods('resource="memory"', SERVING)
    return Query("memory limit", "bytes", f"max(kube_pod_container_resource_limits{limits})", "limit")


def restarts(scope: Scope) -> Query:
    """Restarts of containers since the pod was made."""
    expression = f"sum by (pod) (kube_pod_container_status_restarts_total{scope.pods(SERVING)})"
    return Query("restarts", "restarts", expression)
