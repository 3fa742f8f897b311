"""A service that this project did not deploy: reached by its URL, known by its answers alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import requests

from bench.errors import ClusterError, NoAnswerError, OptionError, PredictionError, RefusedError
from bench.records.run import FOREIGN
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from bench.subject.predict import SECONDS, Prediction
from bench.subject.target import Target, require_near
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

    def get(self, path: str) -> object:
        """Raises ClusterError."""
        raise ClusterError(f"{path}: no cluster is known of a service that was not deployed here")


def aim(service: Service) -> Target:
    """Check the address, and that each body is answered with status 200. Raises LoadError, RefusedError."""
    url = service.url
    require_http(url)
    require_near(url)
    says, refused = "", list[str]()
    for body in service.bodies:
        try:
            says = _post(url, service.headers, body.content).headers.get("Server", "none")
        except NoAnswerError:
            raise
        except PredictionError as error:
            refused.append(f"{body.name}: {error}")
    if refused:
        raise RefusedError(refused)
    endpoint = Endpoint(FOREIGN, deployment="", image="", url=url, replicas=None)
    outputs = StackOutputs(
        _name(url), NO_CONTEXT, "", (endpoint,), Monitoring("", "", 0), settings={"slo": service.slo}
    )
    contents = tuple(body.content for body in service.bodies)
    stack = Deployed(outputs, NoCluster())
    target = Target(stack, endpoint, url, service.bodies, contents, says, headers=service.headers)
    return replace(target, ask=partial(_ask, service.headers))


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
    """Whether it answers; what it says is not ours to read."""
    _post(endpoint.url or "", headers, body)
    return Prediction("", {})


def _post(url: str, headers: Mapping[str, str], body: bytes) -> requests.Response:
    try:
        reply = requests.post(url, body, headers=dict(headers), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise NoAnswerError(f"no answer from {url} ({type(error).__name__}); is the service up?") from error
    if reply.status_code != requests.codes.ok:
        told = reply.headers.get("Location") or reply.text.strip()[:MOST_TEXT]
        raise PredictionError(f"expected status 200, got {reply.status_code}: {told}")
    return reply


def _name(url: str) -> str:
    """A folder's name that tells services apart: `127.0.0.1-8080-predict`."""
    parts = urlsplit(url)
    return re.sub(r"[^A-Za-z0-9._]+", "-", f"{parts.netloc.rpartition('@')[2]}{parts.path}").strip("-.")


def content_type(types: Sequence[str]) -> str:
    """The one type of all bodies, as a load has the same headers throughout. Raises OptionError."""
    if len(set(types)) > 1:
        raise OptionError(
            f"--body: expected files of one type, got {', '.join(sorted(set(types)))}; "
            "give --header 'Content-Type: …', or load them one after another"
        )
    return types[0]
