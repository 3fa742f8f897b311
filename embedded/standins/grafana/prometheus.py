"""Forwards a page's questions to its data source: only the reading calls of Prometheus' HTTP API."""

import re

import aiohttp
from aiohttp import web

from embedded.standins.grafana.guard import refused
from embedded.standins.grafana.provisioning import DataSource

_CALLS = re.compile(r"api/v1/(query|query_range|series|labels|label/[^/]+/values|metadata|status/buildinfo)")
_SECONDS = 30.0


async def forward(
    request: web.Request, source: DataSource, path: str, client: aiohttp.ClientSession
) -> web.Response:
    """Prometheus' answer as it is; 403 for a call that is no question, 502 or 504 if it gives none."""
    if not _CALLS.fullmatch(path):
        return refused(403, f"{path}: expected a query of Prometheus' HTTP API; nothing else is forwarded")
    try:
        async with client.request(
            request.method,
            f"{source.url}/{path}",
            params=request.query,
            data=await request.post() if request.method == "POST" else None,
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
        ) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type
            )
    except TimeoutError:
        return refused(504, f"{source.name}: no answer from {source.url} within {_SECONDS:.0f} s")
    except aiohttp.ClientError as error:
        return refused(502, f"{source.name}: no answer from {source.url} ({error})")
