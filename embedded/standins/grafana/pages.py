"""The pages: the login, one shell that static/app.js fills, and the files that they load."""

import html
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from embedded.standins.grafana import NAME
from embedded.standins.grafana.auth import SESSION_SECONDS
from embedded.standins.grafana.guard import COOKIE, GATE, refused

STATIC = Path(__file__).resolve().parent / "static"
THEME: web.AppKey[str] = web.AppKey("theme", str)
HOME: web.AppKey[str] = web.AppKey("home", str)  # a path
LIST = "/dashboards"
routes = web.RouteTableDef()


def chart_library() -> Path:
    """plotly.js, as the Python package plotly ships it."""
    return Path(str(files("plotly") / "package_data" / "plotly.min.js"))


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.app[HOME]})


@routes.get("/dashboards")
@routes.get("/d/{uid}")
@routes.get("/d/{uid}/{slug}")
async def app_page(request: web.Request) -> web.Response:
    return _page(request, "app.html")


@routes.get("/login")
async def login_page(request: web.Request) -> web.Response:
    return _page(request, "login.html")


@routes.post("/login")
async def login(request: web.Request) -> web.Response:
    """`{"user": …, "password": …}` → a session's cookie."""
    try:
        given = await request.json()
        user, password = str(given["user"]), str(given["password"])
    except (ValueError, KeyError, TypeError):
        return refused(400, 'expected {"user": …, "password": …}')
    gate = request.app[GATE]
    if not gate.admits(user, password):
        return refused(401, "Invalid username or password")
    answer = web.json_response({"message": "Logged in"})
    answer.set_cookie(
        COOKIE, gate.open_session(), max_age=int(SESSION_SECONDS), httponly=True, samesite="Lax", path="/"
    )
    return answer


@routes.get("/logout")
async def logout(request: web.Request) -> web.Response:
    request.app[GATE].close_session(request.cookies.get(COOKIE, ""))
    answer = web.Response(status=302, headers={"Location": "/login"})
    answer.del_cookie(COOKIE, path="/")
    return answer


@routes.get("/public/plotly.min.js")
async def plotly(_: web.Request) -> web.FileResponse:
    return web.FileResponse(chart_library(), headers={"Cache-Control": "max-age=86400"})


@routes.get("/public/{file:[a-z_]+\\.(?:js|css|svg)}")
async def static(request: web.Request) -> web.FileResponse:
    path = STATIC / request.match_info["file"]
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


def _page(request: web.Request, file: str) -> web.Response:
    values = {"{{name}}": NAME, "{{theme}}": request.app[THEME]}
    text = (STATIC / file).read_text()
    for place, value in values.items():
        text = text.replace(place, html.escape(value))
    return web.Response(text=text, content_type="text/html")
