"""The PromQL of the project: the only home of metric names.

`catalogue` lists every query once, for golden files and for the tests on a live Prometheus.
"""

from stack.queries import autoscaling, node, resources, tf_serving, torchserve
from stack.queries.query import DASHBOARD, Query, Scope, everywhere, features, of_stack

__all__ = ["DASHBOARD", "Query", "Scope", "all_queries", "catalogue", "everywhere", "features", "of_stack"]


def catalogue(scope: Scope) -> dict[str, tuple[Query, ...]]:
    """Every query that a dashboard draws or the bench asks, by module."""
    return {
        "tf_serving": tf_serving.all_queries(scope),
        "torchserve": torchserve.all_queries(scope),
        "resources": resources.all_queries(scope),
        "autoscaling": autoscaling.all_queries(scope),
        "node": node.all_queries(scope),
    }


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query."""
    return tuple(query for queries in catalogue(scope).values() for query in queries)
