"""Claims on TensorFlow Serving's batching."""

from collections.abc import Sequence

import pytest

from bench.records.parts import SERIAL
from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE
from tests.bench.thesis.made import DEFAULT, SAME, TWIN, Case, Looks, batch, holds, judged, look, runs

CASES: Sequence[Case] = (
    ("batch-10ms", HOLDS, batch("tf-batch-10ms", 2.1)),
    ("batch-10ms", DOES_NOT, batch("tf-batch-10ms", 1.2)),
    ("batch-100ms", HOLDS, (*batch("tf-batch-10ms", 1.2), *batch("tf-batch-100ms", 3.4))),
    ("batch-100ms", DOES_NOT, (*batch("tf-batch-10ms", 1.2), *batch("tf-batch-100ms", 10.0))),
    ("batch-100ms", DOES_NOT, (*batch("tf-batch-10ms", 3.4), *batch("tf-batch-100ms", 1.2))),
    ("batch-weak-hardware", OTHERWISE, batch("tf-batch-100ms", 3.4, used=12.0)),
    ("batch-weak-hardware", HOLDS, batch("tf-batch-100ms", 3.4, used=220.0)),
    ("batch-weak-hardware", DOES_NOT, batch("tf-batch-100ms", 10.0)),
    (
        "batch-single",
        HOLDS,
        (*runs(look("tf-default", part=SERIAL)), *runs(look("tf-batch-100ms", part=SERIAL, p50=112))),
    ),
    (
        "batch-single",
        DOES_NOT,
        (*runs(look("tf-default", part=SERIAL)), *runs(look("tf-batch-100ms", part=SERIAL, p50=13))),
    ),
    ("batch-latency", DOES_NOT, (*DEFAULT, *TWIN, *runs(look("tf-batch-10ms", p50=20)))),
    ("batch-latency", HOLDS, (*DEFAULT, *TWIN, *runs(look("tf-batch-10ms", p50=5)))),
    (
        "batch-power",
        DOES_NOT,
        (*SAME, *holds("tf-batch-tuned", 250)),
    ),
    (
        "batch-power",
        HOLDS,
        (*SAME, *holds("tf-batch-tuned", 80)),
    ),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
