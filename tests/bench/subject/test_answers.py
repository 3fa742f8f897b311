"""Every photo is asked once before a load; what is answered in the load is compared with that."""

import json
from dataclasses import replace

import pytest

from bench.errors import NoAnswerError, PredictionError, RefusedError
from bench.subject.answers import (
    OTHER_CONTENT,
    OTHER_LABEL,
    OTHER_PROBABILITIES,
    compare,
    first,
    judge,
    require_as_adopted,
)
from bench.subject.payloads import Photo
from bench.subject.predict import Prediction, Reply
from stack.outputs import Endpoint
from stack.servers.model import Model
from tests.bench.double import HAPPY, LIES, PROBABILITIES
from tests.bench.scenes import endpoint

KNOWN = Prediction("happy", PROBABILITIES)
PHOTOS = tuple(Photo(f"{name}.jpg", "JPEG", name.encode()) for name in ("good", "bad", "fine", "worse"))


def moved(**by: float) -> Prediction:
    """The known answer with probabilities moved."""
    found = {name: value + by.get(name, 0) for name, value in PROBABILITIES.items()}
    return Prediction(max(found, key=lambda name: found[name]), found)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (KNOWN, "right"),
        (moved(happy=1e-6, sad=-1e-6), "right"),
        (moved(happy=0.0009, sad=-0.0009), "right"),
        (moved(happy=-0.002, sad=0.002), OTHER_PROBABILITIES),
        (moved(happy=-0.4, sad=0.4), OTHER_LABEL),
        (replace(KNOWN, label="sad"), OTHER_LABEL),
    ],
)
def test_an_answer_is_right_within_the_tolerance(found: Prediction, word: str) -> None:
    assert compare(KNOWN, found) == word


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ({"outputs": [{"name": "y", "data": [0.5001, 2]}]}, "right"),
        ({"outputs": [{"name": "y", "data": [0.51, 2]}]}, OTHER_CONTENT),
        ({"outputs": [{"name": "z", "data": [0.5, 2]}]}, OTHER_CONTENT),
        ({"outputs": [{"name": "y", "data": [0.5]}]}, OTHER_CONTENT),
        ({"outputs": [{"name": "y", "data": [0.5, True]}]}, OTHER_CONTENT),
        ({"outputs": []}, OTHER_CONTENT),
        ([], OTHER_CONTENT),
    ],
)
def test_an_adopted_models_answer_is_the_same_json_but_for_last_digits(found: object, word: str) -> None:
    known = Reply({"outputs": [{"name": "y", "data": [0.5, 2]}]})
    assert compare(known, Reply(found)) == word


def test_an_adopted_models_answers_in_a_load_are_read_as_they_are() -> None:
    adopted = Endpoint("tensorflow", "", "", "", model=Model("digits", "application/json"))
    judged = judge(adopted, [Reply({"predictions": [1.0]})])
    assert judged(0, '{"predictions": [1.0]}') == "right"
    assert judged(0, '{"predictions": [2.0]}') == OTHER_CONTENT


def test_a_model_that_answers_otherwise_than_when_it_was_adopted_is_refused() -> None:
    photos = [Photo(name, "application/json", b"{}") for name in ("a.json", "b.json")]
    with pytest.raises(RefusedError) as caught:
        require_as_adopted(photos, [{"y": 1}, {"y": 2}], [Reply({"y": 1}), Reply({"y": 3})])
    assert str(caught.value).endswith("nothing was loaded, adopt it again:\n  b.json: another answer")


def test_of_a_tie_either_label_is_right() -> None:
    tie = replace(KNOWN, probabilities=PROBABILITIES | {"sad": 0.5, "happy": 0.5})
    assert compare(tie, replace(tie, label="sad")) == "right"


@pytest.mark.parametrize("kind", LIES)
def test_every_kind_of_wrong_answer_has_its_name(kind: str) -> None:
    judged = judge(Endpoint("torchserve", "", "", ""), [KNOWN])
    assert judged(0, LIES[kind].decode()) == kind
    assert judged(0, json.dumps(HAPPY)) == "right"


def test_an_answer_is_compared_with_the_first_one_about_its_own_photo() -> None:
    judged = judge(Endpoint("tensorflow", "", "", ""), [KNOWN, moved(happy=-0.4, sad=0.4)])
    body = json.dumps({"predictions": [HAPPY]})
    assert (judged(0, body), judged(1, body)) == ("right", OTHER_LABEL)


def test_all_refused_photos_are_named_with_server_and_reason() -> None:
    def ask(there: Endpoint, photo: bytes) -> Prediction:
        if photo in (b"bad", b"worse"):
            raise PredictionError(f"{there.server}: got HEIC")
        return KNOWN

    with pytest.raises(RefusedError) as raised:
        first(endpoint("tensorflow"), PHOTOS, ask)
    assert raised.value.refused == ("bad.jpg: tensorflow: got HEIC", "worse.jpg: tensorflow: got HEIC")
    assert first(endpoint("tensorflow"), PHOTOS[:1], ask) == (KNOWN,)


def test_a_server_that_does_not_answer_is_no_fault_of_the_photos() -> None:
    def ask(*_: object) -> Prediction:
        raise NoAnswerError("torchserve: no answer")

    with pytest.raises(NoAnswerError):
        first(endpoint("torchserve"), PHOTOS, ask)
