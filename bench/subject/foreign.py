"""A service that this project did not deploy: reached by its URL, known by its answers alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import requests

from bench.errors import ClusterError, NoAnswerError, OptionError, PredictionError
from bench.records.run import FOREIGN, SERVICE
from bench.subject import answers
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from bench.subject.predict import SECONDS, Prediction
from bench.subject.target import Target, require_near, server_header
from stack.outputs import Endpoint, Monitoring, StackOutputs

NO_CONTEXT = ""
MOST_TEXT = 300  # characters of an answer


@dataclass(frozen=True)
class Service:
    """Where it is, what it is sent, and its objective by the keys of a stack's `slo`."""

    url: str
    bodies: tuple[Photo, ...]
    headers: Mapping[str, str]
    slo: Mapping[str, object]


class NoCluster(Cluster):
    """Nobody can look behind the service."""

    def __init__(self) -> None: ...

    def text(self, path: str) -> str:
        """Raises ClusterError."""
        raise ClusterError(f"{path}: no cluster is known of a service that was not deployed here")


def aim(service: Service) -> Target:
    """Check the address, and that each body is answered with status 200. Raises LoadError, RefusedError."""
    url = service.url
    require_http(url)
    require_near(url)
    endpoint, ask = Endpoint(FOREIGN, "", "", url, replicas=None), partial(_ask, service.headers)
    answers.first(endpoint, service.bodies, ask)
    outputs = StackOutputs(
        _name(url), NO_CONTEXT, "", (endpoint,), Monitoring("", "", 0), settings={"slo": service.slo}
    )
    contents = tuple(body.content for body in service.bodies)
    says = server_header(url, contents[0], service.headers)
    stack = Deployed(outputs, NoCluster())
    return Target(stack, endpoint, url, service.bodies, contents, says, SERVICE, ask, headers=service.headers)


def require_http(url: str) -> None:
    """Raises OptionError for what is no URL of an HTTP service."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise OptionError(f"--url: expected http://HOST:PORT/PATH, got {url!r}")


def _ask(headers: Mapping[str, str], endpoint: Endpoint, body: bytes) -> Prediction:
    """Whether it answers; what it says is not ours to read. Raises NoAnswerError, PredictionError."""
    url = endpoint.url or ""
    try:
        reply = requests.post(url, body, headers=dict(headers), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise NoAnswerError(f"no answer from {url} ({type(error).__name__}); is the service up?") from error
    if reply.status_code != requests.codes.ok:
        told = reply.headers.get("Location") or reply.text.strip()[:MOST_TEXT]
        raise PredictionError(f"expected status 200, got {reply.status_code}: {told}")
    return Prediction("", {})


def _name(url: str) -> str:
    """A folder's name that tells services apart: `127.0.0.1-8080-predict`."""
    parts = urlsplit(url)
    return re.sub(r"[^A-Za-z0-9._]+", "-", f"{parts.netloc.rpartition('@')[2]}{parts.path}").strip("-.")
