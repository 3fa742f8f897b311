"""The platform's Prometheus, as a test asks it: numbers of a query, and alerts."""

import json
import math
from urllib.parse import quote

from stack.outputs import StackOutputs
from stack.queries import Query
from tests.cluster.conftest import run

Labels = frozenset[tuple[str, str]]


def page(outputs: StackOutputs, path: str) -> object:
    """A page of Prometheus' API, through the API server's proxy."""
    where = outputs.monitoring
    base = f"/api/v1/namespaces/{where.namespace}/services/{where.service}:{where.port}/proxy/api/v1/"
    answer = run("kubectl", "--context", outputs.context, "get", "--raw", base + path)
    return json.loads(answer)["data"]


def values(outputs: StackOutputs, query: Query) -> dict[str, float]:
    """The query's present numbers by their labels; what is no number is left out."""
    data = page(outputs, f"query?query={quote(query.promql)}")
    assert isinstance(data, dict)
    found = {json.dumps(each["metric"]): float(each["value"][1]) for each in data["result"]}
    return {labels: value for labels, value in found.items() if math.isfinite(value)}


def alert(name: str, **labels: str) -> Labels:
    """An alert as a test knows it; the live one may have more labels."""
    return frozenset({"alertname": name, **labels}.items())


def states(outputs: StackOutputs) -> dict[Labels, str]:
    """Every active alert, `pending` or `firing`; several series of one alert are several entries."""
    data = page(outputs, "alerts")
    assert isinstance(data, dict)
    return {frozenset(each["labels"].items()): str(each["state"]) for each in data["alerts"]}
