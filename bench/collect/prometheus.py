"""Ranges of every query from the platform's Prometheus, through the API server's proxy."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import urlencode

from bench.deployed import Deployed
from bench.objects import at, items
from bench.records.series import Drawn, Line
from stack.outputs import StackOutputs
from stack.queries import Query, catalogue, of_stack
from stack.settings import Settings

LABEL = re.compile(r"{{\s*(\w+)\s*}}")


def ranges(stack: Deployed, start: float, end: float) -> tuple[Drawn, ...]:
    """Every query that the stack can answer, from `start` to `end` (Unix time, s). Raises ClusterError.

    Points are in seconds since `start`; a query without a value in this time has no lines.
    """
    outputs, intended = stack.outputs, stack.settings
    step, where = intended.platform.prometheus.scrape_seconds, outputs.monitoring
    bounds = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": str(step)}
    base = f"/api/v1/namespaces/{where.namespace}/services/{where.service}:{where.port}/proxy"
    found = []
    for query in wanted(outputs, intended):
        asked = urlencode({"query": query.promql, **bounds})
        results = items(stack.cluster.get(f"{base}/api/v1/query_range?{asked}"), "data", "result")
        found.append(Drawn(query.name, query.unit, query.promql, lines(results, query.legend, start)))
    return tuple(found)


def wanted(outputs: StackOutputs, intended: Settings) -> tuple[Query, ...]:
    """The queries on the stack's own namespace that it has what is needed for."""
    scope = of_stack(outputs.namespace, intended.platform.prometheus.scrape_seconds)
    there = catalogue.features(intended)
    return tuple(query for query in catalogue.all_queries(scope) if set(query.needs) <= there)


def lines(results: Sequence[object], legend: str, start: float) -> tuple[Line, ...]:
    """The series of a matrix; values that are no numbers are left out, and series without any."""
    made = [
        Line(_named(legend, cast("Mapping[str, str]", at(each, "metric") or {})), _points(each, start))
        for each in results
    ]
    return tuple(sorted((line for line in made if line.points), key=lambda line: line.name))


def _named(legend: str, labels: Mapping[str, str]) -> str:
    return LABEL.sub(lambda found: labels.get(found[1], ""), legend)


def _points(result: object, start: float) -> tuple[tuple[float, float], ...]:
    pairs = (cast("Sequence[str | float]", pair) for pair in items(result, "values"))
    points = ((round(float(when) - start, 3), float(value)) for when, value in pairs)
    return tuple(point for point in points if math.isfinite(point[1]))


def since(drawn: Drawn, seconds: float) -> Drawn:
    """The same with times that begin so much later."""
    moved = (
        replace(line, points=tuple((round(when - seconds, 3), value) for when, value in line.points))
        for line in drawn.lines
    )
    return replace(drawn, lines=tuple(moved))
