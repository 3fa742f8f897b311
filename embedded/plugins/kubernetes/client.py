"""The API server over REST: just the calls that the plugin makes, with the server's own words on failure."""

import base64
import json
import ssl
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import urllib3

from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes.kinds import Kind
from embedded.plugins.kubernetes.kubeconfig import Target
from embedded.plugins.values import Object, Value, as_int, as_list, as_object, as_text, dig

MERGE = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
JSON = "application/json"
CONNECT_SECONDS = 4.0
READ_SECONDS = 60.0
TOO_MANY_REQUESTS = 429
THROTTLED_TRIES = 5
CONNECTIONS = 32


class ApiError(PluginError):
    """The API server refused a request."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        """Keep the HTTP `status` and the API's `reason` (`NotFound`, `AlreadyExists`, …)."""
        super().__init__(message)
        self.status = status
        self.reason = reason


class UnreachableError(PluginError):
    """No answer from the API server."""


@dataclass(frozen=True)
class Reply:
    """An object as the server returned it, with the warnings it gave."""

    object: Object
    warnings: tuple[str, ...] = ()


class Client:
    """One API server as one user; safe to use from many threads."""

    def __init__(self, target: Target) -> None:
        """Prepare connections to `target`; nothing is sent yet."""
        self._base = target.server
        headers = {"Accept": JSON, "User-Agent": "emotion-serving-embedded-pulumi-kubernetes"}
        if target.token:
            headers["Authorization"] = f"Bearer {target.token}"
        elif target.basic:
            headers["Authorization"] = f"Basic {base64.b64encode(target.basic.encode()).decode()}"
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS,
            headers=headers,
            ssl_context=_tls(target) if target.server.startswith("https") else None,
            server_hostname=target.server_name or None,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(
                total=2, connect=0, redirect=0, backoff_factor=0.2, allowed_methods=["GET"]
            ),
        )

    def version(self) -> str:
        """The server's version, `v1.34.4`; raises UnreachableError where there is no server."""
        return as_text(self._call("GET", "/version").object.get("gitVersion"))

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        return self._call("GET", path_of(kind, namespace, name)).object

    def items(self, kind: Kind, namespace: str, **query: str) -> list[Object]:
        """All objects of `kind` in `namespace`; `query` may hold labelSelector and fieldSelector."""
        reply = self._call("GET", path_of(kind, namespace), query)
        return [as_object(item) for item in as_list(reply.object.get("items"))]

    def create(self, kind: Kind, manifest: Object, manager: str, *, dry_run: bool = False) -> Reply:
        namespace = as_text(dig(manifest, "metadata", "namespace"))
        query = {"fieldManager": manager, "fieldValidation": "Warn", **_dry(dry_run)}
        return self._call("POST", path_of(kind, namespace), query, manifest, JSON)

    def apply(
        self, kind: Kind, manifest: Object, manager: str, *, force: bool = False, dry_run: bool = False
    ) -> Reply:
        """Server-side apply as the field manager `manager`; `force` takes fields from other managers."""
        metadata = as_object(manifest.get("metadata"))
        path = path_of(kind, as_text(metadata.get("namespace")), as_text(metadata.get("name")))
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Warn"}
        return self._call("PATCH", path, {**query, **_dry(dry_run)}, manifest, MERGE)

    def json_patch(
        self, kind: Kind, namespace: str, name: str, patch: list[Value], *, dry_run: bool = False
    ) -> Object:
        path = path_of(kind, namespace, name)
        return self._call("PATCH", path, _dry(dry_run), patch, JSON_PATCH).object

    def delete(self, kind: Kind, namespace: str, name: str, propagation: str) -> None:
        options: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        self._call("DELETE", path_of(kind, namespace, name), {}, options, JSON)

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Value = None,
        content_type: str = "",
    ) -> Reply:
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {**self._pool.headers, **({"Content-Type": content_type} if content_type else {})}
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(THROTTLED_TRIES):
            try:
                response = self._pool.request(method, url, body=data, headers=headers)
            except (urllib3.exceptions.HTTPError, OSError) as problem:
                raise UnreachableError(f"{self._base}: {_cause(problem)}") from problem
            if response.status != TOO_MANY_REQUESTS or attempt == THROTTLED_TRIES - 1:
                break
            time.sleep(_retry_after(response.headers.get("Retry-After", "")))
        return _reply(response)


def path_of(kind: Kind, namespace: str, name: str = "") -> str:
    """The REST path of a collection, or of one object."""
    root = f"/apis/{kind.api_version}" if "/" in kind.api_version else f"/api/{kind.api_version}"
    scope = f"/namespaces/{namespace}" if kind.namespaced and namespace else ""
    return f"{root}{scope}/{kind.plural}" + (f"/{name}" if name else "")


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _retry_after(header: str) -> float:
    return min(float(header), 10.0) if header.isdigit() else 1.0


def _cause(problem: BaseException) -> str:
    reason = getattr(problem, "reason", None)
    return str(reason if isinstance(reason, BaseException) else problem)


def _reply(response: urllib3.BaseHTTPResponse) -> Reply:
    try:
        parsed = as_object(json.loads(response.data or b"{}"))
    except ValueError:
        parsed = {"message": response.data[:500].decode(errors="replace")}
    if response.status >= 400:
        message = as_text(parsed.get("message")) or f"HTTP {response.status}"
        status = as_int(parsed.get("code")) or response.status
        raise ApiError(status, as_text(parsed.get("reason")), message)
    return Reply(parsed, tuple(_warning(header) for header in response.headers.getlist("Warning")))


def _warning(header: str) -> str:
    """The text of a header like `299 - "unknown field \\"spec.x\\""`."""
    quoted = header.partition('"')[2].rpartition('"')[0]
    return quoted.replace('\\"', '"') or header


def _tls(target: Target) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=target.ca.decode() or None)
    if not target.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if target.certificate:
        with tempfile.TemporaryDirectory() as folder:  # OpenSSL reads client certificates from files only
            pem = Path(folder) / "client.pem"
            pem.touch(mode=0o600)
            pem.write_bytes(target.certificate + b"\n" + target.key)
            context.load_cert_chain(pem)
    return context
