"""Claims on the load and the k6 reports."""

from collections.abc import Sequence

import pytest

from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE, UNTOLD
from tests.bench.thesis.made import DEFAULT, Case, Looks, holds, judged, look, runs

CASES: Sequence[Case] = (
    ("closed-load", DOES_NOT, (*DEFAULT, *holds("tf-default", 200))),
    ("closed-load", HOLDS, (*DEFAULT, *holds("tf-default", 22))),
    ("closed-load", UNTOLD, DEFAULT),
    ("k6-rate", OTHERWISE, (*DEFAULT, *holds("tf-default", 200))),
    ("k6-rate", HOLDS, DEFAULT),
    ("k6-rate", DOES_NOT, runs(look("tf-default", rate=12.0))),
    ("k6-failed", HOLDS, DEFAULT),
    ("k6-failed", DOES_NOT, runs(look("tf-default", failed=3))),
    ("k6-latency", HOLDS, runs(look("tf-default", p50=10, p95=40))),
    ("k6-latency", DOES_NOT, runs(look("tf-default", p50=10, p95=15))),
    ("k6-longest", HOLDS, runs(look("tf-default", longest=700))),
    ("k6-longest", DOES_NOT, runs(look("tf-default", longest=70, warm_up_longest=900))),
    (
        "all-tested",
        DOES_NOT,
        (*DEFAULT, *runs(look("tf-threads")), *holds("tf-default", 50), *holds("tf-threads", 200)),
    ),
    (
        "all-tested",
        HOLDS,
        (*DEFAULT, *runs(look("tf-threads", rate=12)), *holds("tf-default", 60), *holds("tf-threads", 40)),
    ),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
