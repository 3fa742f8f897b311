"""Claims on TorchServe's workers and batches."""

from collections.abc import Sequence

import pytest

from bench.thesis.panels import SERVER_LATENCY, WORKERS
from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE
from tests.bench.thesis.made import DEFAULT, SAME, TWIN, Case, Looks, batch, holds, judged, look, pod, runs

LATENCY = SERVER_LATENCY["torchserve"]
ONE, FOUR = {WORKERS: [1.0] * 12}, {WORKERS: [1.0] * 6 + [4.0] * 6}


CASES: Sequence[Case] = (
    ("workers-autoscale", DOES_NOT, runs(look("torch-1-10-workers", series=ONE))),
    ("workers-autoscale", HOLDS, runs(look("torch-1-10-workers", series=FOUR))),
    ("workers-10-latency", HOLDS, runs(look("torch-10-workers", series={LATENCY: [300e3, 50e3]}))),
    ("workers-10-latency", DOES_NOT, runs(look("torch-10-workers", series={LATENCY: [30e3, 20e3]}))),
    ("workers-1-10-latency", HOLDS, runs(look("torch-1-10-workers", series={LATENCY: [60e3, 50e3]}))),
    ("workers-1-10-latency", DOES_NOT, runs(look("torch-1-10-workers", series={LATENCY: [10e3, 9e3]}))),
    (
        "workers-10-slower",
        OTHERWISE,
        (
            *DEFAULT,
            *TWIN,
            *runs(look("torch-1-10-workers", series=ONE)),
            *runs(look("torch-10-workers", p95=90)),
        ),
    ),
    (
        "workers-10-slower",
        HOLDS,
        (
            *DEFAULT,
            *TWIN,
            *runs(look("torch-1-10-workers", series=FOUR)),
            *runs(look("torch-10-workers", p95=90)),
        ),
    ),
    (
        "workers-10-slower",
        DOES_NOT,
        (*DEFAULT, *TWIN, *runs(look("torch-1-10-workers", series=ONE)), *runs(look("torch-10-workers"))),
    ),
    (
        "workers-energy",
        OTHERWISE,
        (
            *DEFAULT,
            *TWIN,
            *runs(look("torch-1-10-workers", series=ONE, pods=[pod(cpu_seconds=12)])),
            *runs(look("torch-10-workers", pods=[pod(cpu_seconds=40)])),
        ),
    ),
    (
        "workers-energy",
        DOES_NOT,
        (
            *DEFAULT,
            *TWIN,
            *runs(look("torch-1-10-workers", series=ONE, pods=[pod(cpu_seconds=12)])),
            *runs(look("torch-10-workers", pods=[pod(cpu_seconds=12)])),
        ),
    ),
    (
        "workers-adapt",
        DOES_NOT,
        (
            *SAME,
            *holds("torch-1-10-workers", 50),
            *holds("torch-tuned", 100),
        ),
    ),
    (
        "workers-adapt",
        HOLDS,
        (
            *SAME,
            *holds("torch-1-10-workers", 100),
            *holds("torch-tuned", 100),
        ),
    ),
    ("torch-batch", HOLDS, batch("torch-batch", 3.2)),
    ("torch-batch", DOES_NOT, runs(look("torch-batch", pods=[pod()]))),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
