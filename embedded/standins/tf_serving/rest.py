"""The REST API: which request goes where, and what it answers. Knows no sockets.

Sources in tensorflow_serving/model_servers: http_rest_api_util.cc (routes), http_rest_api_handler.cc,
http_server.cc.
"""

import logging
import re
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from . import describe, json_parse, json_tensor, json_write
from .dtypes import Signature, Tensor
from .errors import Code, ServingError, invalid
from .manager import Manager
from .metrics import Metrics
from .predictor import Predictor
from .servable import Servable
from .versions import ModelSpec

_TARGET = r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?"
PREDICTION = re.compile(rf"{_TARGET}:(classify|regress|predict)", re.IGNORECASE | re.ASCII)
STATUS = re.compile(
    r"/v1/models(?:/([^/:]+))?(?:/versions/(\d+)|/labels/([^/:]+))?(?:/(metadata))?", re.IGNORECASE | re.ASCII
)
JSON_TYPE = "application/json"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """An answer: HTTP status and JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Route:
    """What a request asks for: `api` is predict, classify, regress, or empty for the two GETs."""

    spec: ModelSpec
    api: str = ""
    metadata: bool = False


def route(method: str, path: str) -> Route:
    """Read method and path; raises ServingError for anything the API does not know."""
    pattern = {"POST": PREDICTION, "GET": STATUS}.get(method)
    found = pattern.fullmatch(path) if pattern else None
    if not found:
        raise invalid(f"Malformed request: {method} {path}")
    name, version, label, last = found.groups()
    if not name:
        raise invalid("Missing model name in request.")
    spec = ModelSpec(
        urllib.parse.unquote(name),
        _version(version) if version else None,
        urllib.parse.unquote(label) if label else None,
    )
    if method == "POST":
        return Route(spec, api=last.lower())
    return Route(spec, metadata=bool(last))


def _version(digits: str) -> int:
    if len(digits) > 19 or int(digits) >= 2**63:
        raise invalid(f"Failed to convert version: {digits} to numeric.")
    return int(digits)


class RestApi:
    """Answers requests whose path starts with /v1/; timeout in seconds, 0 is none. Thread-safe."""

    def __init__(self, manager: Manager, predictor: Predictor, metrics: Metrics, timeout: float) -> None:
        self._manager, self._predictor, self._metrics, self._timeout = manager, predictor, metrics, timeout

    def handle(self, method: str, path: str, body: Callable[[], bytes]) -> Reply:
        """Answer one request, errors included; `body` is called when the body is needed."""
        started = time.monotonic()
        name, api, code = "", "", Code.OK
        try:
            asked = route(method, path)
            name, api = asked.spec.name, asked.api
            reply = Reply(200, self._answer(asked, body))
        except ServingError as error:
            code, reply = error.code, Reply(error.code.http, json_write.error(error.message))
        except Exception as error:  # a defect of ours must not cost the client its answer
            log.exception("%s %s", method, path)
            code, reply = Code.INTERNAL, Reply(500, json_write.error(f"Internal error: {error!r}"))
        self._metrics.request_count.add(name, code.name)
        if code is Code.OK:
            self._metrics.request_latency.add((time.monotonic() - started) * 1e6, name, api, "REST")
        return reply

    def _answer(self, asked: Route, body: Callable[[], bytes]) -> bytes:
        if asked.metadata:
            return describe.metadata_json(self._manager, asked.spec)
        if not asked.api:
            return describe.status_json(self._manager, asked.spec)
        if asked.api != "predict":
            raise ServingError(Code.UNIMPLEMENTED, f"This stand-in offers predict only, not {asked.api}")
        return self._predict(asked.spec, body())

    def _predict(self, spec: ModelSpec, body: bytes) -> bytes:
        doc = json_parse.document(body)
        wanted = json_tensor.signature_name(doc)
        rows = False

        def decode(servable: Servable) -> tuple[Signature, dict[str, Tensor]]:
            nonlocal rows
            signature = _signature(servable, wanted)
            inputs, rows = json_tensor.inputs(doc, signature.inputs)
            return signature, inputs

        outputs = self._predictor.predict(spec, decode, self._timeout).outputs
        return json_write.predictions(outputs) if rows else json_write.outputs(outputs)


def _signature(servable: Servable, name: str) -> Signature:
    signature = servable.signature(name)
    if signature is None:
        shown = name or "serving_default"
        raise invalid(f'Serving signature name: "{shown}" not found in signature def')
    if not signature.inputs:
        raise invalid(f"Failed to get input map for signature: {name or 'DEFAULT'}")
    return signature
