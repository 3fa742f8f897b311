"""What dashboards show of each model server: its own dashboard, and a panel of the overview."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import tf_serving, torchserve, triton
from infra.monitoring.dashboards.panels import Panel
from stack.settings import Slo


@dataclass(frozen=True)
class Board:
    """A dashboard of one server, by its file, and its latency `now`."""

    file: str
    build: Callable[[Slo], Dashboard]
    now: Callable[[Slo], Panel]


OF_SERVERS: Mapping[str, Board] = {
    "tensorflow": Board("tensorflow-serving.json", tf_serving.dashboard, tf_serving.now),
    "torchserve": Board("torchserve.json", torchserve.dashboard, torchserve.now),
    "triton": Board("triton.json", triton.dashboard, triton.now),
}
