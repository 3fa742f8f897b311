"""Ask the model servers of a stack about one photo."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from stack.outputs import Endpoint

CLASSES = ("sad", "scared", "neutral", "happy", "angry")
SECONDS = 30.0


class PredictionError(RuntimeError):
    """A server did not answer with a prediction; the message names server and reason."""


@dataclass(frozen=True)
class Prediction:
    """The most likely class and the probability of each (they sum to 1)."""

    label: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Dialect:
    """How one kind of model server is spoken to."""

    body: Callable[[str], object]
    answer: Callable[[object], object]


def _first_prediction(reply: object) -> object:
    rows = reply.get("predictions") if isinstance(reply, Mapping) else None
    return rows[0] if isinstance(rows, list) and rows else None


DIALECTS: Mapping[str, Dialect] = {
    "tensorflow": Dialect(lambda photo: {"instances": [{"b64": photo}]}, _first_prediction),
    "torchserve": Dialect(lambda photo: {"data": photo}, lambda reply: reply),
}


def predict(endpoint: Endpoint, photo: bytes) -> Prediction:
    """The endpoint's prediction for a JPEG or PNG. Raises PredictionError."""
    if endpoint.url is None:
        raise PredictionError(
            f"{endpoint.server}: its Service is reached only inside the cluster; "
            "set service.type to NodePort or LoadBalancer"
        )
    dialect = DIALECTS[endpoint.server]
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
