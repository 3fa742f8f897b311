"""Grafana's dashboards as code. Each module is one dashboard and has one function a panel."""

import json
from collections.abc import Callable

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import autoscaling, gateway, keda, node, overview
from infra.monitoring.dashboards.servers import OF_SERVERS
from stack.settings import Slo

DASHBOARDS: dict[str, Callable[[Slo], Dashboard]] = {
    "overview.json": overview.dashboard,
    **{board.file: board.build for board in OF_SERVERS.values()},
    "autoscaling.json": autoscaling.dashboard,
    "node.json": node.dashboard,
}
OF_GATEWAY = {"gateway.json": gateway.dashboard}
OF_KEDA = {"keda.json": keda.dashboard}


def render(slo: Slo, *, with_gateway: bool = False, with_keda: bool = False) -> dict[str, str]:
    """The dashboards' JSON by file name; the objective is drawn where it matters."""
    boards = {**DASHBOARDS, **(OF_GATEWAY if with_gateway else {}), **(OF_KEDA if with_keda else {})}
    return {file: _json(build(slo)) for file, build in boards.items()}


def _json(board: Dashboard) -> str:
    return json.dumps(board, cls=JSONEncoder, separators=(",", ":"), ensure_ascii=False)
