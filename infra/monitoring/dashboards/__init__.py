"""Grafana's dashboards as code. Each module is one dashboard and has one function a panel."""

import json
from collections.abc import Callable

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import autoscaling, gateway, node, overview
from infra.monitoring.dashboards.servers import OF_SERVERS
from stack.settings import Slo

DASHBOARDS: dict[str, Callable[[Slo], Dashboard]] = {
    "overview.json": overview.dashboard,
    **{board.file: board.build for board in OF_SERVERS.values()},
    "autoscaling.json": autoscaling.dashboard,
    "node.json": node.dashboard,
}


def render(slo: Slo, *, with_gateway: bool = False) -> dict[str, str]:
    """The dashboards' JSON by file name; the objective is drawn where it matters."""
    more = {"gateway.json": gateway.dashboard} if with_gateway else {}
    return {file: _json(build(slo)) for file, build in {**DASHBOARDS, **more}.items()}


def _json(board: Dashboard) -> str:
    return json.dumps(board, cls=JSONEncoder, separators=(",", ":"), ensure_ascii=False)
