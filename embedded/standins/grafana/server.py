"""The viewer as an aiohttp application."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from embedded.standins.grafana import api, pages
from embedded.standins.grafana.api import CLIENT, PROVISIONED
from embedded.standins.grafana.auth import Gate
from embedded.standins.grafana.errors import ViewerError
from embedded.standins.grafana.guard import GATE, add_headers, errors_as_json, guarded
from embedded.standins.grafana.pages import HOME, LIST, THEME
from embedded.standins.grafana.provisioning import Provisioned, dashboard
from embedded.standins.grafana.settings import Settings


def application(settings: Settings, provisioned: Provisioned) -> web.Application:
    """Everything behind one login; asks the data sources only when a page does."""
    app = web.Application(middlewares=[errors_as_json, guarded])
    app[GATE] = Gate(settings.admin_user, settings.admin_password)
    app[PROVISIONED] = provisioned
    app[THEME] = settings.theme
    app[HOME] = _home(settings, provisioned)
    app.cleanup_ctx.append(_client)
    app.on_response_prepare.append(add_headers)
    app.add_routes(api.routes)
    app.add_routes(pages.routes)
    return app


def _home(settings: Settings, provisioned: Provisioned) -> str:
    """The path of the first page. ViewerError if it is to be a dashboard that is not provisioned."""
    if settings.home is None:
        return LIST
    wanted = dashboard(settings.home, folder="")
    if wanted.uid not in provisioned.dashboards:
        raise ViewerError(
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: expected a provisioned dashboard, "
            f"got {settings.home}; put it into a provider's folder"
        )
    return wanted.path


async def _client(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(trust_env=False) as client:
        app[CLIENT] = client
        yield
