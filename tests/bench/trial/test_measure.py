"""A load on a real server that lies now and then: what is compared is counted as failed, by its kind."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bench.records import store
from bench.records.parts import RATE
from bench.records.profile import Closed, Open, Phase, Profile
from bench.records.run import Summary
from bench.records.samples import WRONG
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from bench.subject.target import aim
from bench.trial import capacity
from bench.trial.measure import Around, Request, Setup, Warm, measure
from bench.trial.progress import shown
from tests.bench.double import Double, double
from tests.bench.scenes import Silent, endpoint, outputs
from tests.bench.still import Still

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("k6") is None, reason="k6 is not on PATH; python -m embedded.toolchain k6 builds it"
    ),
]
PHOTOS = tuple(Photo(f"{name}.jpg", "JPEG", name.encode()) for name in ("one", "two", "three"))
LOAD = Open((Phase(150.0, 4.0),))
AROUND = Around(lambda _: (), lambda _: {}, Still, lambda *_: ())


@pytest.fixture(name="server")
def _server() -> Iterator[Double]:
    with double() as server:
        yield server


def load(server: Double, results: Path, every: int, profile: Profile = LOAD) -> Summary:
    """One load on a server that tells the truth until it begins."""
    there = replace(endpoint("torchserve"), url=f"http://127.0.0.1:{server.port}/")
    target = aim(Deployed(outputs(), Silent()), there, PHOTOS)
    server.asked, server.lie_every = 0, 100
    setup = Setup(target, Warm(0.0, True), results, AROUND, every)
    return measure(setup, Request(profile, RATE, "trial", "demo", rotate=7))


def wrong(outcomes: Mapping[str, int]) -> dict[str, int]:
    return {key.removeprefix(WRONG): count for key, count in outcomes.items() if key.startswith(WRONG)}


def test_where_all_answers_are_compared_every_wrong_one_is_a_failed_request(
    server: Double, tmp_path: Path
) -> None:
    made = load(server, tmp_path, every=1)
    assert server.told.total() == server.asked // 100 >= 5
    assert wrong(made.total.outcomes) == server.told
    assert made.total.outcomes["200"] == server.asked - server.told.total()
    assert made.total.checked == made.total.requests == server.asked
    assert made.total.failed_share == pytest.approx(server.told.total() / server.asked)
    assert "answers: one of 1 compared with the photo's first answer" in shown([made])
    assert f"{server.told.total()} of {server.asked} compared answers are wrong" in shown([made])
    (kept,) = store.read(tmp_path / "trial").runs
    assert sum(not each.good for each in kept.samples()) == server.told.total()


def test_of_a_share_of_answers_those_in_it_are_counted(server: Double, tmp_path: Path) -> None:
    made = load(server, tmp_path, every=20)
    assert made.total.checked == -(-server.asked // 20)
    assert sum(wrong(made.total.outcomes).values()) <= server.told.total()
    assert sum(made.total.outcomes.values()) == server.asked


def test_answers_of_a_closed_load_are_compared_too(server: Double, tmp_path: Path) -> None:
    made = load(server, tmp_path, 1, Closed(users=2, seconds=2.0, think_seconds=0.005))
    assert server.told.total() > 0
    assert wrong(made.total.outcomes) == server.told


def test_a_trial_that_was_answered_wrongly_misses_the_objective(server: Double, tmp_path: Path) -> None:
    made = load(server, tmp_path, every=1)
    reasons = capacity.misses(made.total, made.slo)
    assert any("compared answers are wrong" in reason for reason in reasons), reasons


def test_without_first_answers_nothing_is_compared(server: Double, tmp_path: Path) -> None:
    made = load(server, tmp_path, every=0)
    assert (made.total.checked, made.obtained.answers, wrong(made.total.outcomes)) == (0, "", {})
