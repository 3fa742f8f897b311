"""Middleware: nobody sees anything without a login, and every answer says what answered."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from embedded.standins.grafana import NAME
from embedded.standins.grafana.auth import Gate, basic

COOKIE = "grafana_session"
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
_ASSETS = ("style.css", "login.js", "theme.js", "icon.svg")
PUBLIC = frozenset({"/api/health", "/login", "/logout", *(f"/public/{name}" for name in _ASSETS)})
_HEADERS = {
    "Server": NAME,
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "Referrer-Policy": "same-origin",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Let the public paths and those who are logged in pass; send others to the login, or refuse them."""
    if request.path in PUBLIC or logged_in(request):
        return await handler(request)
    if request.path.startswith(("/api/", "/public/")) or request.method not in ("GET", "HEAD"):
        return refused(401, "Unauthorized")
    raise web.HTTPFound(f"/login?redirectTo={quote(request.path_qs)}")


@web.middleware
async def errors_as_json(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Errors under /api are JSON, as Grafana's are."""
    try:
        return await handler(request)
    except web.HTTPError as error:
        if request.path.startswith("/api/"):
            return refused(error.status, error.reason)
        raise


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """For `Application.on_response_prepare`, which error pages pass too."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


def logged_in(request: web.Request) -> bool:
    """Whether the request has a session's cookie or the right basic auth."""
    gate = request.app[GATE]
    if gate.knows_session(request.cookies.get(COOKIE, "")):
        return True
    given = basic(request.headers.get("Authorization", ""))
    return given is not None and gate.admits(*given)


def refused(status: int, message: str) -> web.Response:
    """An error with the body of Grafana's errors."""
    return web.json_response({"message": message}, status=status)
