"""The bench passes a gateway as clients do, and sees whether it keeps others out."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import NoAnswerError, PredictionError
from bench.load import k6, openloop
from bench.load.openloop import Load
from bench.load.plan import Plan
from bench.records.profile import Closed
from bench.subject.gateway import Gate, block, without_key
from bench.subject.objects import Condition
from bench.subject.outputs import with_key
from bench.subject.predict import Prediction, predict
from bench.subject.verify import verify
from stack.outputs import OPEN, Door, Endpoint, decode, encode
from tests.bench import door
from tests.bench.scenes import SETTINGS, observation, outputs

ROW = {"happy": 1.0, "label": "happy"}
TRUE, FALSE = Condition("True", "", ""), Condition("False", "", "backend not found")
GOOD = {"Accepted": TRUE, "ResolvedRefs": TRUE}
UNRESOLVED = {"torchserve": GOOD | {"ResolvedRefs": FALSE}}
GATE = Gate({"Programmed": TRUE}, {"torchserve": GOOD}, {"torchserve": "401"})


def behind(url: str, wanted: Door) -> Endpoint:
    return Endpoint("torchserve", "torchserve", "image", url, door=wanted)


def test_a_prediction_takes_key_and_certificate(tmp_path: Path) -> None:
    with door.keyed(ROW, tmp_path) as (url, opened):
        assert predict(behind(url, opened), b"") == Prediction("happy", {"happy": 1.0})
        with pytest.raises(PredictionError, match=r"HTTP 401: who are you\?"):
            predict(behind(url, replace(opened, key="another")), b"")
        with pytest.raises(NoAnswerError, match="SSLError"):
            predict(behind(url, replace(opened, certificate=None)), b"")
        assert without_key(behind(url, opened)) == "401"


@pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH")
@pytest.mark.slow
def test_a_load_takes_key_and_certificate(tmp_path: Path) -> None:
    def statuses(url: str, opened: Door) -> set[int]:
        load = Plan(Closed(1, 1.0, 0.1), url, (b"{}",), 0, 0, None, opened.headers, opened.certificate)
        return {each.status for each in k6.send(load, lambda _: False).samples}

    with door.keyed(ROW, tmp_path) as (url, opened):
        assert statuses(url, opened) == {200}
        assert statuses(url, replace(opened, certificate=None)) == {0}


def test_a_load_of_new_connections_takes_key_and_certificate(tmp_path: Path) -> None:
    with door.keyed(ROW, tmp_path) as (url, opened):
        sent = openloop.send(Load(20, 0.1), url, b"{}", opened.headers, opened.certificate)
    assert {each.outcome for each in sent} == {"200"}


def test_outputs_tell_the_certificate_and_never_the_key() -> None:
    told = outputs()
    keyed = replace(told, endpoints=tuple(replace(e, door=Door("PEM", True)) for e in told.endpoints))
    assert decode(encode(keyed)) == keyed
    known = with_key(keyed, "canary")
    assert "canary" not in f"{encode(known)} {known}"
    assert {each.door.key for each in known.endpoints} == {"canary"}


def test_an_open_door_is_not_told() -> None:
    assert "door" not in str(encode(outputs()))
    assert OPEN.headers == {}


def test_a_gateway_that_does_its_work_is_verified() -> None:
    assert block(GATE).ok
    blocks = verify(outputs(), SETTINGS, replace(observation(), gate=GATE))
    assert "gateway" in [each.subject for each in blocks]


@pytest.mark.parametrize(
    ("gate", "wrong"),
    [
        (replace(GATE, gateway={}), "Programmed"),
        (replace(GATE, gateway={"Programmed": FALSE}), "Programmed"),
        (replace(GATE, routes={"torchserve": {"Accepted": TRUE}}), "route torchserve: ResolvedRefs"),
        (replace(GATE, routes=UNRESOLVED), "route torchserve: ResolvedRefs"),
        (replace(GATE, refused={"torchserve": "200"}), "torchserve without the key"),
    ],
)
def test_every_fault_of_a_gateway_is_named(gate: Gate, wrong: str) -> None:
    assert [each.what for each in block(gate).findings if not each.ok] == [wrong]
