"""The plot of a step of the load, on stacks with other autoscalers than the HPA on CPU."""

import pytest

from bench.records.series import Drawn, Line
from bench.report.plots.autoscaling import metric_of
from stack.queries import DASHBOARD, Query, autoscaling


def drawn(query: Query) -> Drawn:
    return Drawn(query.name, query.unit, query.promql, (Line("x", ((0.0, 1.0),)),))


@pytest.mark.parametrize(
    ("series", "metric"),
    [
        ((drawn(autoscaling.metric_seen(DASHBOARD)),), "CPU of the request, %"),
        ((drawn(autoscaling.load_seen(DASHBOARD)),), "load for each pod"),
        ((), "CPU of the request, %"),
    ],
    ids=["CPU", "a load", "nothing told"],
)
def test_what_the_autoscaler_scaled_by_is_drawn(series: tuple[Drawn, ...], metric: str) -> None:
    assert metric_of(series) == metric
