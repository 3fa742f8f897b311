"""Mean batches, measured and predicted."""

import pytest

from bench.analysis.batching import measured, point, predicted, rate, window
from bench.records.run import Summary
from stack import settings
from stack.servers.server import Window
from tests.bench.analysis.made import cell, made, part, pod

BATCHING = {"tensorflow": {"batching": {"maxBatchSize": 10, "timeoutMicros": 100_000}}}


def run(*sizes: float, requests: int = 1380) -> Summary:
    """23 requests/s for 60 s, in batches of a size by pod."""
    pods = [pod(f"pod-{number}", 1000, batch=size) for number, size in enumerate(sizes)]
    return made(total=part(requests=requests), pods=pods, settings=BATCHING)


@pytest.mark.parametrize(("timeout", "expected"), [(0.010, 1.23), (0.100, 3.3), (1.0, 10.0), (0.0, 1.0)])
def test_the_thesis_arithmetic_holds(timeout: float, expected: float) -> None:
    assert predicted(23, Window(10, timeout)) == pytest.approx(expected)


def test_a_point_holds_measured_and_predicted_at_the_rate_of_one_pod() -> None:
    found = point(cell(run(3.0)), "thesis profile", [run(3.0)])
    assert found is not None
    assert found.rate == pytest.approx(23)
    assert found.predicted == pytest.approx(3.3)
    assert found.limit == 10
    assert found.measured == pytest.approx(3.0, rel=0.01)


def test_two_pods_share_the_rate_and_batches_are_weighted() -> None:
    both = run(2.0, 4.0)
    assert rate(both) == pytest.approx(11.5)
    assert measured(both) == pytest.approx(1000 * 2 / (500 + 250), rel=0.01)


def test_a_server_without_batching_has_no_point() -> None:
    plain = settings.read({})
    assert window(plain, "tensorflow") is None
    assert window(plain, "torchserve") is None
    assert point(cell(made()), "thesis profile", [made()]) is None


def test_torchserve_batches_by_requests_and_milliseconds() -> None:
    read = settings.read({"torchserve": {"batchSize": 8, "maxBatchDelayMillis": 20}})
    assert window(read, "torchserve") == Window(8, 0.02)
