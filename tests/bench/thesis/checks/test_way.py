"""Claims on what lies between client and server."""

from collections.abc import Sequence

import pytest

from bench.thesis.rules import DOES_NOT, HOLDS, UNTESTED, UNTOLD
from tests.bench.thesis.made import DEFAULT, TWIN, Case, Looks, judged, look, pod, runs

FORWARD = "tf-default@port-forward"


CASES: Sequence[Case] = (
    ("client-and-server", DOES_NOT, (*DEFAULT, *runs(look(FORWARD, mean=60, pods=[pod()])))),
    ("client-and-server", HOLDS, (*DEFAULT, *runs(look(FORWARD, mean=8.5, pods=[pod()])))),
    ("client-and-server", DOES_NOT, runs(look("tf-default", mean=60, pods=[pod()]))),
    ("port-forward", DOES_NOT, (*DEFAULT, *TWIN, *runs(look(FORWARD, p50=60)))),
    ("port-forward", HOLDS, (*DEFAULT, *TWIN, *runs(look(FORWARD, p50=10)))),
    ("port-forward", UNTOLD, (*DEFAULT, *TWIN)),
    ("port-forward-one-pod", HOLDS, runs(look("torch-replicas@port-forward", pods=[pod(), pod(0)]))),
    ("port-forward-one-pod", DOES_NOT, runs(look("torch-replicas@port-forward", pods=[pod(), pod(1300)]))),
    ("port-forward-one-pod", UNTESTED, DEFAULT),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
