"""What a server answers about each photo before a load, and whether its answers in the load say the same."""

import json
import math
from collections.abc import Sequence
from functools import partial

from bench.errors import NoAnswerError, PredictionError, RefusedError
from bench.records.samples import RIGHT, Judge
from bench.subject.payloads import Photo
from bench.subject.predict import Answer, Ask, Prediction, Reply, read
from stack.outputs import Endpoint

EVERY = 20  # one answer of so many is compared
# Between probabilities of one photo: batches of another size add up in another order, which shows at 1e-6.
TOLERANCE = 0.001
NOT_JSON, NO_PREDICTION = "not JSON", "an error, or no prediction"
OTHER_LABEL, OTHER_PROBABILITIES = "another label", "other probabilities"
OTHER_CLASSES, OTHER_CONTENT = "other classes", "other content"


def first(endpoint: Endpoint, photos: Sequence[Photo], ask: Ask) -> tuple[Answer, ...]:
    """The server's answer about each photo, without load. Raises RefusedError, NoAnswerError."""
    found, refused = [], []
    for photo in photos:
        try:
            found.append(ask(endpoint, photo.content))
        except NoAnswerError:
            raise
        except PredictionError as error:
            refused.append(f"{photo.name}: {error}")
    if refused:
        raise RefusedError(refused, adopted=endpoint.model.adopted)
    return tuple(found)


def require_as_adopted(photos: Sequence[Photo], known: Sequence[object], found: Sequence[Answer]) -> None:
    """Raises RefusedError naming the requests that are answered otherwise than when the model was adopted."""
    pairs = zip(photos, known, found, strict=True)
    other = [photo.name for photo, one, answer in pairs if compare(Reply(one), answer) != RIGHT]
    if other:
        raise RefusedError([f"{name}: another answer" for name in other], adopted=True)


def judge(endpoint: Endpoint, known: Sequence[Answer]) -> Judge:
    """Compares an answer about a photo, by its index, with the first one about it."""
    return partial(_verdict, endpoint, known)


def _verdict(endpoint: Endpoint, known: Sequence[Answer], photo: int, body: str) -> str:
    try:
        reply = json.loads(body)
    except ValueError:
        return NOT_JSON
    try:
        found = read(endpoint, reply)
    except PredictionError:
        return NO_PREDICTION
    return compare(known[photo], found)


def compare(known: Answer, found: Answer) -> str:
    """RIGHT, or in what two answers about one photo differ. Either label of a tie is right."""
    if isinstance(known, Reply) and isinstance(found, Reply):
        return RIGHT if _alike(known.content, found.content) else OTHER_CONTENT
    if not isinstance(known, Prediction) or not isinstance(found, Prediction):
        return OTHER_CONTENT
    if known.probabilities.keys() != found.probabilities.keys():
        return OTHER_CLASSES
    if known.probabilities[found.label] < max(known.probabilities.values()) - TOLERANCE:
        return OTHER_LABEL
    pairs = ((known.probabilities[name], value) for name, value in found.probabilities.items())
    return RIGHT if all(abs(one - other) <= TOLERANCE for one, other in pairs) else OTHER_PROBABILITIES


def _alike(known: object, found: object) -> bool:
    """The same JSON, but for the last digits of its numbers."""
    match known, found:
        case dict(), dict():
            return known.keys() == found.keys() and all(_alike(known[key], found[key]) for key in known)
        case list(), list():
            return len(known) == len(found) and all(map(_alike, known, found))
        case float() | int(), float() | int() if bool not in (type(known), type(found)):
            return math.isclose(known, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        case _:
            return known == found


def stated(every: int) -> str:
    """What is compared, for people."""
    return (
        f"one of {every} compared with the photo's first answer, before the load: "
        f"the label, and probabilities within {TOLERANCE:g}"
    )
