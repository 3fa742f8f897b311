"""Claims on TensorFlow Serving's threads."""

from collections.abc import Sequence

import pytest

from bench.thesis.panels import SERVER_LATENCY
from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE, UNTOLD
from tests.bench.thesis.made import DEFAULT, SAME, TWIN, Case, Looks, holds, judged, look, pod, runs

LATENCY = SERVER_LATENCY["tensorflow"]
BUSY, CALM = pod(cpu_seconds=220.0), pod(cpu_seconds=12.0)  # of 240 CPU seconds


CASES: Sequence[Case] = (
    ("default-unsteady", HOLDS, runs(look("tf-default", series={LATENCY: [16e3, 39e3] * 6}))),
    ("default-unsteady", DOES_NOT, runs(look("tf-default", series={LATENCY: [16e3, 17e3] * 6}))),
    ("default-overloads", HOLDS, runs(look("tf-default", pods=[BUSY]))),
    ("default-overloads", DOES_NOT, runs(look("tf-default", pods=[CALM]))),
    ("threads-client", HOLDS, (*DEFAULT, *TWIN, *runs(look("tf-threads", p95=11)))),
    ("threads-client", DOES_NOT, (*DEFAULT, *TWIN, *runs(look("tf-threads", p95=20)))),
    ("threads-client", DOES_NOT, (*DEFAULT, *TWIN, *runs(look("tf-threads", p95=30)))),
    ("threads-client", UNTOLD, (*DEFAULT, *runs(look("tf-threads", p95=11)))),
    (
        "threads-server",
        HOLDS,
        (
            *runs(look("tf-default", series={LATENCY: [16e3, 39e3]})),
            *runs(look("tf-threads", series={LATENCY: [20e3, 21e3]})),
        ),
    ),
    (
        "threads-server",
        OTHERWISE,
        (
            *runs(look("tf-default", series={LATENCY: [20e3, 21e3]})),
            *runs(look("tf-threads", series={LATENCY: [20e3, 21e3]})),
        ),
    ),
    ("threads-server", DOES_NOT, runs(look("tf-threads", series={LATENCY: [16e3, 39e3]}))),
    (
        "threads-scale",
        HOLDS,
        (*SAME, *holds("tf-threads", 150)),
    ),
    (
        "threads-scale",
        DOES_NOT,
        (*SAME, *holds("tf-threads", 100)),
    ),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
