"""Ask the model servers of a stack about one photo."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.errors import PredictionError
from stack.outputs import Endpoint
from stack.servers import SERVERS

CLASSES = ("sad", "scared", "neutral", "happy", "angry")
SECONDS = 30.0


@dataclass(frozen=True)
class Prediction:
    """The most likely class and the probability of each (they sum to 1)."""

    label: str
    probabilities: Mapping[str, float]


def predict(endpoint: Endpoint, photo: bytes) -> Prediction:
    """The endpoint's prediction for a JPEG or PNG. Raises PredictionError."""
    if endpoint.url is None:
        raise PredictionError(
            f"{endpoint.server}: its Service is reached only inside the cluster; "
            "set service.type to NodePort or LoadBalancer"
        )
    dialect = SERVERS[endpoint.server].dialect
    body = dialect.body(base64.b64encode(photo).decode())
    return parse(endpoint.server, dialect.answer(_post(endpoint, endpoint.url, body)))


def parse(server: str, row: object) -> Prediction:
    """A prediction from a server's answer for one photo. Raises PredictionError."""
    if not isinstance(row, Mapping):
        raise PredictionError(f"{server}: expected an object for each photo, got {row!r}")
    if row.get("error"):
        raise PredictionError(f"{server}: {row['error']}")
    try:
        return Prediction(str(row["label"]), {name: float(row[name]) for name in CLASSES})
    except (KeyError, TypeError, ValueError) as error:
        raise PredictionError(f"{server}: the answer lacks {error}") from error


def read_photo(path: Path) -> bytes:
    """The file's bytes. Raises PredictionError for a path that is no readable file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PredictionError(f"IMAGE: expected a JPEG or PNG file, got {path}: {error.strerror}") from error


def _post(endpoint: Endpoint, url: str, body: object) -> object:
    try:
        reply = requests.post(url, json=body, timeout=SECONDS)
    except requests.RequestException as error:
        reason = type(error).__name__
        raise PredictionError(
            f"{endpoint.server}: no answer from {url} ({reason}); run: make status"
        ) from error
    if reply.status_code != requests.codes.ok:
        raise PredictionError(f"{endpoint.server}: HTTP {reply.status_code}: {_message(reply)}")
    return reply.json()


def _message(reply: requests.Response) -> str:
    try:
        data = reply.json()
    except requests.JSONDecodeError:
        return reply.text.strip()[:300]
    return str(data.get("error") or data.get("message") or data)[:300]
