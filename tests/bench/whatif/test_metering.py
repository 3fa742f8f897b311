"""What metrics-server and Prometheus know, and when."""

import numpy as np
import pytest

from bench.whatif.metering import HOUSEKEEPING_SECONDS, MetricsServer, Prometheus, Scraped
from bench.whatif.serving import Model, Pod
from stack.paces import METRICS_SECONDS

MODEL = Model(100.0, 0.004, ((1.0, 0.005), (90.0, 0.005)), (0.0, 0.0), (4.0,))


def working(created: float, cores: float, seconds: int = 200) -> Pod:
    """A pod that uses so many cores from its creation on."""
    times = [created + second for second in range(seconds)]
    return Pod(1, created, created, MODEL, times=times, cpu=[cores * second for second in range(seconds)])


def test_usage_is_known_after_two_looks_and_is_that_of_the_time_between() -> None:
    server, pod = MetricsServer(0.0, np.random.default_rng(1)), working(-60.0, 0.3)
    server.look(0.0, [pod])
    assert server.usage(pod) is None
    server.look(METRICS_SECONDS - 1, [pod])
    assert server.usage(pod) is None, "it is not yet time"
    server.look(METRICS_SECONDS, [pod])
    server.look(2 * METRICS_SECONDS, [pod])
    usage = server.usage(pod)
    assert usage is not None
    assert usage.cores == pytest.approx(0.3)
    assert 0 <= 2 * METRICS_SECONDS - usage.taken <= max(HOUSEKEEPING_SECONDS)


def test_the_kubelet_looks_at_a_container_every_ten_to_twenty_seconds() -> None:
    server, pod = MetricsServer(0.0, np.random.default_rng(1)), working(-60.0, 0.3, 4000)
    seen = []
    for second in range(3600):
        server.look(float(second), [pod])
        seen += [usage.taken for usage in [server.usage(pod)] if usage and usage.taken not in seen]
    windows = np.diff(seen)
    assert float(np.min(windows)) >= 10
    assert 20 < float(np.max(windows)) <= 40, "of two looks between its own, metrics-server sees the later"
    assert float(np.mean(windows)) == pytest.approx(18, abs=2)


def test_a_pod_of_ten_seconds_is_known_at_the_first_look() -> None:
    server, pod = MetricsServer(24.0, np.random.default_rng(3)), working(0.0, 0.2)
    server.look(24.0, [pod])
    usage = server.usage(pod)
    assert usage is None or usage.window < METRICS_SECONDS
    young = MetricsServer(9.0, np.random.default_rng(3))
    young.look(9.0, [pod])
    assert young.usage(pod) is None


def test_pods_that_are_gone_are_forgotten() -> None:
    server, pod = MetricsServer(0.0, np.random.default_rng(1)), working(-60.0, 0.3)
    for turn in range(3):
        server.look(turn * METRICS_SECONDS, [pod])
    server.look(3 * METRICS_SECONDS, [])
    assert server.usage(pod) is None


def test_prometheus_knows_a_gauge_as_of_its_scrape_and_a_rate_over_a_window() -> None:
    made = Prometheus(0.0, 10.0)
    assert (made.in_flight(0), made.in_flight(30), made.rate(0)) == (None, None, None)
    for second in range(90):
        busy = min(second, 60)
        made.look(float(second), Scraped(busy * 3.0, busy * 2.0, float(second)))
    assert made.in_flight(0) == 80.0
    assert made.rate(0) == pytest.approx(1.0), "30 requests of the last 30 s, between four scrapes"
    assert made.in_flight(40) == pytest.approx(20 / 30), "20 s of requests in as long"
    assert made.in_flight(30) == made.rate(30) == 0, "between three scrapes"
