"""The reading half of Grafana's HTTP API: https://grafana.com/docs/grafana/latest/developers/http_api/"""

import aiohttp
from aiohttp import web

from embedded.standins.grafana import CONTRACT, NAME, prometheus
from embedded.standins.grafana.guard import GATE, refused
from embedded.standins.grafana.provisioning import Dashboard, DataSource, Provisioned

PROVISIONED: web.AppKey[Provisioned] = web.AppKey("provisioned", Provisioned)
CLIENT: web.AppKey[aiohttp.ClientSession] = web.AppKey("client", aiohttp.ClientSession)
routes = web.RouteTableDef()


@routes.get("/api/health")
async def health(_: web.Request) -> web.Response:
    return web.json_response({"database": "ok", "version": CONTRACT, "commit": "stand-in", "server": NAME})


@routes.get("/api/user")
async def user(request: web.Request) -> web.Response:
    name = request.app[GATE].user
    return web.json_response({"id": 1, "login": name, "name": name, "isGrafanaAdmin": True})


@routes.get("/api/search")
async def search(request: web.Request) -> web.Response:
    """Dashboards whose title contains `query` and that have every `tag`, by title."""
    words, tags = request.query.get("query", "").lower(), set(request.query.getall("tag", []))
    found = (
        board
        for board in request.app[PROVISIONED].dashboards.values()
        if words in board.title.lower() and tags <= set(board.tags)
    )
    return web.json_response([_hit(board) for board in sorted(found, key=lambda board: board.title)])


@routes.get("/api/dashboards/uid/{uid}")
async def one_dashboard(request: web.Request) -> web.Response:
    board = request.app[PROVISIONED].dashboards.get(request.match_info["uid"])
    if board is None:
        return refused(404, "Dashboard not found")
    hit = _hit(board)
    meta = {
        "slug": board.slug,
        "url": hit["url"],
        "folderTitle": board.folder,
        "provisioned": True,
        "canSave": False,
        "canEdit": False,
    }
    return web.json_response({"meta": meta, "dashboard": board.model})


@routes.get("/api/datasources")
async def data_sources(request: web.Request) -> web.Response:
    return web.json_response(
        [_described(source) for source in request.app[PROVISIONED].data_sources.values()]
    )


@routes.get("/api/datasources/uid/{uid}")
async def one_data_source(request: web.Request) -> web.Response:
    source = request.app[PROVISIONED].data_sources.get(request.match_info["uid"])
    return web.json_response(_described(source)) if source else refused(404, "Data source not found")


@routes.route("GET", "/api/datasources/proxy/uid/{uid}/{path:.+}")
@routes.route("POST", "/api/datasources/proxy/uid/{uid}/{path:.+}")
async def proxy(request: web.Request) -> web.Response:
    source = request.app[PROVISIONED].data_sources.get(request.match_info["uid"])
    if source is None:
        return refused(404, "Data source not found")
    return await prometheus.forward(request, source, request.match_info["path"], request.app[CLIENT])


def _hit(board: Dashboard) -> dict[str, object]:
    return {
        "uid": board.uid,
        "title": board.title,
        "uri": f"db/{board.slug}",
        "url": board.path,
        "type": "dash-db",
        "tags": list(board.tags),
        "folderTitle": board.folder,
        "description": board.model.get("description") or "",
    }


def _described(source: DataSource) -> dict[str, object]:
    return {
        "uid": source.uid,
        "name": source.name,
        "type": "prometheus",
        "url": source.url,
        "access": "proxy",
        "isDefault": source.default,
        "readOnly": True,
        "jsonData": {"timeInterval": source.time_interval},
    }
