"""What the serving containers use of the node, by cAdvisor, and what they may, by kube-state-metrics."""

from stack.queries.query import Query, Scope, quotient
from stack.servers import SERVERS


def serving() -> str:
    """The matcher of all model servers' containers."""
    return f'container=~"{"|".join(server.component for server in SERVERS.values())}"'


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
    expression = f"sum by (pod) ({scope.rate('container_cpu_usage_seconds_total', serving())})"
    return Query("CPU used", "cores", expression)


def cpu_allowed(scope: Scope) -> Query:
    """The largest CPU limit of a pod."""
    limits = scope.pods('resource="cpu"', serving())
    return Query("CPU limit", "cores", f"max(kube_pod_container_resource_limits{limits})", "limit")


def throttled(scope: Scope, by: str = "pod") -> Query:
    """Share of the CFS periods (100 ms) in which a container was held back by its CPU limit."""
    expression = quotient(
        scope.rate("container_cpu_cfs_throttled_periods_total", serving()),
        scope.rate("container_cpu_cfs_periods_total", serving()),
        by,
    )
    return Query("CPU throttled", "percentunit", expression)


def memory_used(scope: Scope) -> Query:
    """The working set, which the kernel cannot reclaim, by pod."""
    expression = f"sum by (pod) (container_memory_working_set_bytes{scope.pods(serving())})"
    return Query("memory used", "bytes", expression)


def memory_allowed(scope: Scope) -> Query:
    """The largest memory limit of a pod; above it a container is killed."""
    limits = scope.pods('resource="memory"', serving())
    return Query("memory limit", "bytes", f"max(kube_pod_container_resource_limits{limits})", "limit")


def restarts(scope: Scope) -> Query:
    """Restarts of containers since the pod was made."""
    expression = f"sum by (pod) (kube_pod_container_status_restarts_total{scope.pods(serving())})"
    return Query("restarts", "restarts", expression)
