"""The nodes, which all stacks share, and Prometheus' own storage: these queries look at no namespace."""

from stack.queries.query import Query, Scope

ROOT = '{id="/"}'


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        cpu_used(scope),
        cpu_there(),
        memory_used(),
        memory_there(),
        pods_running(),
        cpu_by_namespace(scope),
        targets_down(),
        storage_used(),
        series(),
    )


def cpu_used(scope: Scope) -> Query:
    """Cores in use by everything on the node, its system included."""
    expression = f"sum by (node) (rate(container_cpu_usage_seconds_total{ROOT}[{scope.window}]))"
    return Query("node CPU used", "cores", expression, "{{node}}")


def cpu_there() -> Query:
    """Cores of the node."""
    return Query("node CPU", "cores", "sum by (node) (machine_cpu_cores)", "{{node}} has")


def memory_used() -> Query:
    """Working set of everything on the node."""
    expression = f"sum by (node) (container_memory_working_set_bytes{ROOT})"
    return Query("node memory used", "bytes", expression, "{{node}}")


def memory_there() -> Query:
    """Memory of the node."""
    return Query("node memory", "bytes", "sum by (node) (machine_memory_bytes)", "{{node}} has")


def pods_running() -> Query:
    """Pods that the kubelet runs."""
    return Query("pods running", "pods", "sum by (node) (kubelet_running_pods)", "{{node}}")


def cpu_by_namespace(scope: Scope) -> Query:
    """Cores in use by each of our namespaces."""
    rate = f'rate(container_cpu_usage_seconds_total{{namespace!="",container!=""}}[{scope.window}])'
    return Query("CPU by namespace", "cores", f"sum by (namespace) ({rate})", "{{namespace}}")


def targets_down() -> Query:
    """Scrape targets that Prometheus does not reach, by job."""
    return Query("targets down", "targets", "count by (job) (up) - sum by (job) (up)", "{{job}}")


def storage_used() -> Query:
    """Bytes on Prometheus' volume: blocks, write-ahead log and the head's chunks."""
    parts = ("storage_blocks", "wal_storage_size", "head_chunks_storage_size")
    expression = " + ".join(f"prometheus_tsdb_{part}_bytes" for part in parts)
    return Query("Prometheus storage", "bytes", expression, "used")


def series() -> Query:
    """Time series that Prometheus holds in memory."""
    return Query("Prometheus series", "series", "prometheus_tsdb_head_series", "series")
