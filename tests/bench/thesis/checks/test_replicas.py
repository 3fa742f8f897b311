"""Claims on two replicas."""

from collections.abc import Sequence

import pytest

from bench.thesis.rules import DOES_NOT, HOLDS
from tests.bench.thesis.made import SAME, Case, Looks, holds, judged, look, pod, runs

BUSY, CALM = pod(cpu_seconds=220.0), pod(cpu_seconds=12.0)  # of 240 CPU seconds


CASES: Sequence[Case] = (
    ("replicas-overlap", HOLDS, runs(look("torch-replicas", pods=[pod(), pod(1300)]))),
    (
        "replicas-overlap",
        DOES_NOT,
        runs(look("torch-replicas", pods=[pod(), pod(1300, service_millis=16.0)])),
    ),
    ("replicas-even", HOLDS, runs(look("torch-replicas", pods=[pod(1400), pod(1350)]))),
    ("replicas-even", DOES_NOT, runs(look("torch-replicas", pods=[pod(1800), pod(1000)]))),
    ("replicas-full-use", HOLDS, runs(look("torch-replicas", pods=[BUSY]))),
    ("replicas-full-use", DOES_NOT, runs(look("torch-replicas", pods=[CALM, CALM]))),
    (
        "replicas-relieve",
        HOLDS,
        (
            *SAME,
            *holds("torch-1-10-workers", 50),
            *holds("torch-replicas", 90),
        ),
    ),
    (
        "replicas-relieve",
        DOES_NOT,
        (
            *SAME,
            *holds("torch-1-10-workers", 50),
            *holds("torch-replicas", 50),
        ),
    ),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
