"""The PromQL of the project: the only home of metric names."""

from stack.queries.query import DASHBOARD, Query, Scope, everywhere, of_stack, over

__all__ = ["DASHBOARD", "Query", "Scope", "everywhere", "of_stack", "over"]
