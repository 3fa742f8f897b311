"""The REST API: which request goes where, and what it answers. Knows no sockets.

Sources in tensorflow_serving/model_servers: http_rest_api_util.cc (routes), http_rest_api_handler.cc,
http_server.cc.
"""

import logging
import re
import time
import urllib.parse
from dataclasses import dataclass

from . import describe, json_rows
from .dtypes import Signature
from .errors import Code, ServingError, invalid
from .manager import Manager
from .metrics import Metrics
from .servable import Servable
from .versions import ModelSpec

_TARGET = r"/v1/models(?:/([^/:]+))?(?:/versions/(\d+)|/labels/([^/:]+))?"
PREDICTION = re.compile(rf"{_TARGET}:(classify|regress|predict)", re.IGNORECASE | re.ASCII)
DESCRIPTION = re.compile(rf"{_TARGET}(?:/(metadata))?", re.IGNORECASE | re.ASCII)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """An answer: HTTP status and JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Route:
    """What a request asks for: `api` is predict, metadata, or empty for the status."""

    spec: ModelSpec
    api: str = ""


def route(method: str, path: str) -> Route:
    """Read method and path; raises ServingError for what the API, or this stand-in of it, does not serve."""
    pattern = {"POST": PREDICTION, "GET": DESCRIPTION}.get(method)
    found = pattern.fullmatch(path) if pattern else None
    if not found:
        raise invalid(f"Malformed request: {method} {path}")
    name, version, label, last = found.groups()
    if not name:
        raise invalid("Missing model name in request.")
    api = (last or "").lower()
    if label or api in ("classify", "regress"):
        what = f"the version label {label}" if label else api
        raise ServingError(
            Code.UNIMPLEMENTED, f"This stand-in serves predict, by version number or latest, not {what}"
        )
    return Route(ModelSpec(urllib.parse.unquote(name), _version(version) if version else None), api)


def _version(digits: str) -> int:
    if len(digits) > 19 or int(digits) >= 2**63:
        raise invalid(f"Failed to convert version: {digits} to numeric.")
    return int(digits)


class RestApi:
    """Answers requests whose path starts with /v1/; timeout in seconds, 0 is none. Thread-safe."""

    def __init__(self, manager: Manager, metrics: Metrics, timeout: float) -> None:
        self._manager, self._metrics, self._timeout = manager, metrics, timeout

    def handle(self, method: str, path: str, body: bytes | bytearray) -> Reply:
        """Answer one request, errors included."""
        started = time.monotonic()
        name, api, code = "", "", Code.OK
        try:
            asked = route(method, path)
            name, api = asked.spec.name, asked.api
            reply = Reply(200, self._answer(asked, body))
        except ServingError as error:
            code, reply = error.code, Reply(error.code.http, json_rows.error_body(error.message))
        except Exception as error:  # a defect of ours must not cost the client its answer
            log.exception("%s %s", method, path)
            code, reply = Code.INTERNAL, Reply(500, json_rows.error_body(f"Internal error: {error!r}"))
        self._metrics.request_count.add(name, code.name)
        if code is Code.OK:
            label = api if api == "predict" else ""
            self._metrics.request_latency.add((time.monotonic() - started) * 1e6, name, label, "REST")
        return reply

    def _answer(self, asked: Route, body: bytes | bytearray) -> bytes:
        if asked.api == "predict":
            return self._predict(asked.spec, body)
        describing = describe.metadata if asked.api else describe.status
        return describing(self._manager, asked.spec)

    def _predict(self, spec: ModelSpec, body: bytes | bytearray) -> bytes:
        doc = json_rows.document(body)
        wanted = json_rows.signature_name(doc)
        with self._manager.use(spec) as servable:
            signature = _signature(servable, wanted)
            inputs = json_rows.inputs(doc, signature.inputs)
            del doc  # as large as the body, which the run does not need
            started = time.monotonic()
            outputs = servable.run(signature, inputs, self._timeout)
            self._metrics.runtime_latency.add((time.monotonic() - started) * 1e6, spec.name, "Predict", "TF1")
        return json_rows.predictions(outputs)


def _signature(servable: Servable, name: str) -> Signature:
    signature = servable.signature(name)
    if signature is None:
        raise invalid(f'Serving signature name: "{name or "serving_default"}" not found in signature def')
    if not signature.inputs:
        raise invalid(f"Failed to get input map for signature: {name or 'DEFAULT'}")
    return signature
