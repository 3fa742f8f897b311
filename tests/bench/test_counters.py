"""The servers' own counters of predictions, from their metrics pages."""

import pytest

from bench.counters import answered

TENSORFLOW = """\
# TYPE :tensorflow:serving:request_count counter
:tensorflow:serving:request_count{model_name="emotions",status="OK"} 138
# TYPE :tensorflow:serving:request_latency histogram
:tensorflow:serving:request_latency_count{model_name="emotions",API="",entrypoint="REST"} 136
:tensorflow:serving:request_latency_count{model_name="emotions",API="predict",entrypoint="REST"} 2
:tensorflow:serving:request_latency_count{model_name="emotions",API="Predict",entrypoint="GRPC"} 3
:tensorflow:serving:request_latency_sum{model_name="emotions",API="predict",entrypoint="REST"} 9876.5
"""
TORCHSERVE = """\
# HELP ts_inference_requests_total Torchserve prometheus counter metric with unit: Count
# TYPE ts_inference_requests_total counter
ts_inference_requests_total{model_name="emotions",model_version="default",hostname="torchserve-1",} 2.0
ts_inference_requests_total{model_name="emotions",model_version="1.0",hostname="torchserve-1",} 1.0
Requests2XX{Level="Host",Hostname="torchserve-1",} 4.0
"""


@pytest.mark.parametrize(
    ("server", "page", "count"), [("tensorflow", TENSORFLOW, 5), ("torchserve", TORCHSERVE, 3)]
)
def test_predictions_are_counted_and_readiness_probes_are_not(server: str, page: str, count: float) -> None:
    assert answered(server, page) == count


@pytest.mark.parametrize("server", ["tensorflow", "torchserve"])
def test_a_server_that_was_never_asked_counts_0(server: str) -> None:
    assert answered(server, "# TYPE up gauge\nup 1\n") == 0
