"""Our drawing for each of the thesis's plots."""

import pytest

from bench.report.plots import canvas
from bench.thesis.drawings import DRAWINGS
from bench.thesis.panels import BATCH_SIZE, CPU_SEEN, POD_LATENCY, PODS_READY, SERVER_LATENCY, WORKERS
from tests.bench.thesis.made import CLAIMS, DEFAULT, SAME, Looks, look, pod, runs, seen

TF, TORCH = (
    {SERVER_LATENCY[server]: [9e3, 8e3], BATCH_SIZE[server]: [1.3, 1.2]}
    for server in ("tensorflow", "torchserve")
)
# By claim: what is drawn, and words that must stand in the drawing.
CASES: tuple[tuple[str, Looks, tuple[str, ...]], ...] = (
    ("closed-load", (*DEFAULT, *SAME), ("tf-default", ">100<")),
    (
        "k6-latency",
        (*DEFAULT, *runs(look("tf-default@port-forward"))),
        ("thesis, as tf-threads", "port-forward"),
    ),
    ("default-unsteady", runs(look("tf-default", series=TF)), ("thesis: 16 to 39 ms", "no series kept")),
    ("batch-10ms", runs(look("tf-batch-10ms", series=TF)), ("thesis: about 2", "1 + rate × timeout = 1.2")),
    (
        "workers-10-latency",
        runs(look("torch-10-workers", series=TORCH | {WORKERS: [10.0]})),
        ("thesis: up to 360 ms", "thesis: up to 65 ms", ">workers<"),
    ),
    (
        "replicas-overlap",
        runs(look("torch-replicas", series={POD_LATENCY: [8e3]}, pods=[pod(1500), pod(1300)])),
        ("block 1: 1,500 and 1,300 requests",),
    ),
    (
        "hpa-scales-out",
        runs(look("torch-hpa", series={CPU_SEEN: [90.0], PODS_READY: [2.0]})),
        ("thesis: 169 %", "target: 50 %"),
    ),
)


@pytest.mark.parametrize(("id_", "looks", "words"), CASES)
def test_a_drawing_shows_ours_beside_the_thesis(id_: str, looks: Looks, words: tuple[str, ...]) -> None:
    with canvas.style("test"):
        made = DRAWINGS[id_](seen(*looks), CLAIMS)
    assert made is not None
    assert [word for word in words if word not in made.svg] == []


def test_every_drawing_is_of_a_claim_and_is_tried() -> None:
    assert set(DRAWINGS) <= set(CLAIMS)
    assert set(DRAWINGS) == {id_ for id_, _, _ in CASES}


@pytest.mark.parametrize("id_", DRAWINGS)
def test_nothing_is_drawn_of_nothing(id_: str) -> None:
    assert DRAWINGS[id_](seen(), CLAIMS) is None
