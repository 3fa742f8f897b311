"""The objective's error budget: what Prometheus' rules record of every stack, and panels draw.

A burn rate of 1 spends the budget exactly in the objective's period (Google, The Site Reliability Workbook,
chapter 5, "Alerting on SLOs").
"""

from stack.queries.query import Query, Scope

BURN = "namespace_server:error_budget_burn:rate"  # and its window
USED = "namespace_server:error_budget_used:ratio"
FAST, SLOW = "5m", "1h"  # the windows that panels draw
AVAILABILITY, LATENCY = "availability", "latency"
LEGEND = "{{server}} {{objective}}"


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (burn_rate(scope, FAST), burn_rate(scope, SLOW), budget_used(scope))


def burn_rate(scope: Scope, window: str) -> Query:
    """How many times as fast as allowed the budget is spent, over a window."""
    expression = f"max by (server, objective) ({BURN}{window}{scope.namespace()})"
    return Query(f"error budget burn rate over {window}", "times", expression, f"{LEGEND}, {window}")


def budget_used(scope: Scope) -> Query:
    """Share of the period's error budget that is spent; above 1 the objective is missed."""
    expression = f"max by (server, objective) ({USED}{scope.namespace()})"
    return Query("error budget used", "percentunit", expression, LEGEND)
