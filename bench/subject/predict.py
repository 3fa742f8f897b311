"""Ask the model servers of a stack about one photo."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from base import files
from bench.errors import NoAnswerError, PredictionError
from bench.subject.asking import post
from stack.outputs import Endpoint
from stack.servers import SERVERS, serving
from stack.servers.server import MOST_PHOTO

_NO_CLASSES = frozenset({"label", "error"})
"""An answer's own fields, which no class may be called."""
_NAMED = 8
SECONDS = 30.0
"""Of one photo: what any server takes, and more. Within it a server says by itself what is too large."""


@dataclass(frozen=True)
class Prediction:
    """The most likely class and the probability of each (they sum to 1)."""

    label: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    """An adopted model's answer: JSON, whose meaning is not ours to know."""

    content: object


Answer = Prediction | Reply
Ask = Callable[[Endpoint, bytes], Answer]
"""Puts one photo, or one request of an adopted model, to a server."""


@dataclass(frozen=True)
class Refusal:
    """Why a server gave no prediction, without its name."""

    error: str


def answers(endpoints: Iterable[Endpoint], photos: Mapping[str, bytes]) -> dict[str, Answer | Refusal]:
    """What every server says of its photo, by the server; one that refuses keeps no other from its answer."""
    return {endpoint.server: _answer(endpoint, photos[endpoint.server]) for endpoint in endpoints}


def _answer(endpoint: Endpoint, photo: bytes) -> Answer | Refusal:
    try:
        return predict(endpoint, photo)
    except PredictionError as error:
        return Refusal(str(error).removeprefix(f"{endpoint.server}: "))


def predict(endpoint: Endpoint, photo: bytes) -> Answer:
    """The endpoint's answer about a JPEG or PNG, or to an adopted model's request. Raises PredictionError."""
    if endpoint.url is None:
        raise NoAnswerError(
            f"{endpoint.server}: its Service is reached only inside the cluster; "
            "set service.type to NodePort or LoadBalancer"
        )
    dialect = serving(endpoint.model)[endpoint.server].dialect
    return read(endpoint, _post(endpoint, endpoint.url, dialect.body(photo), dialect.headers))


def read(endpoint: Endpoint, reply: object) -> Answer:
    """What a server's JSON says. Raises PredictionError."""
    if endpoint.model.adopted:
        return Reply(reply)
    return parse(endpoint.server, SERVERS[endpoint.server].dialect.answer(reply))


def parse(server: str, row: object) -> Prediction:
    """A prediction from a server's answer for one photo. Raises PredictionError."""
    if not isinstance(row, Mapping):
        raise PredictionError(f"{server}: expected an object for each photo, got {row!r}")
    if row.get("error"):
        raise PredictionError(f"{server}: {row['error']}")
    if "label" not in row:
        raise PredictionError(f"{server}: the answer lacks 'label'")
    made = Prediction(str(row["label"]), _probabilities(server, row))
    if made.label not in made.probabilities:
        known = ", ".join(list(made.probabilities)[:_NAMED]) or "its classes"
        raise PredictionError(f"{server}: expected a label of {known}, got {made.label!r}")
    if not math.isclose(sum(made.probabilities.values()), 1, abs_tol=0.01):
        raise PredictionError(f"{server}: expected probabilities that sum to 1, got {made.probabilities}")
    return made


def _probabilities(server: str, row: Mapping[str, object]) -> dict[str, float]:
    """Of every class that the answer names, in its order."""
    found = dict[str, float]()
    for name, value in row.items():
        if name in _NO_CLASSES:
            continue
        try:
            found[name] = float(value)  # type: ignore[arg-type]  # whatever it is
        except (TypeError, ValueError) as error:
            raise PredictionError(f"{server}: expected a probability of {name}, got {value!r}") from error
    return found


def read_photo(path: Path) -> bytes:
    """The file's bytes. Raises PredictionError for what is no file, cannot be read or is beyond any photo."""
    try:
        return files.read(path, MOST_PHOTO)
    except files.UnfitFileError as error:
        raise PredictionError(
            f"IMAGE: expected a JPEG or PNG file, got {files.shown(path)}: {error}"
        ) from error


def _post(endpoint: Endpoint, url: str, body: bytes, headers: Mapping[str, str]) -> object:
    try:
        reply = post(url, body, headers, seconds=SECONDS, door=endpoint.door)
    except requests.RequestException as error:
        reason = type(error).__name__
        raise NoAnswerError(
            f"{endpoint.server}: no answer from {url} ({reason}); run: make status"
        ) from error
    if reply.status_code != requests.codes.ok:
        raise PredictionError(f"{endpoint.server}: HTTP {reply.status_code}: {_message(reply)}")
    try:
        return reply.json()
    except requests.JSONDecodeError as error:
        told = reply.text.strip()[:300]
        raise PredictionError(f"{endpoint.server}: expected JSON, got {told!r}") from error


def _message(reply: requests.Response) -> str:
    try:
        data = reply.json()
    except requests.JSONDecodeError:
        return reply.text.strip()[:300]
    told = (data.get("error") or data.get("message")) if isinstance(data, Mapping) else None
    return str(told or data)[:300]
