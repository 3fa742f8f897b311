"""The servers' own counters of predictions, from their metrics pages."""

import pytest

from bench.subject.counters import Counted, counted

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
    assert counted(server, page).requests == count


@pytest.mark.parametrize("server", ["tensorflow", "torchserve"])
def test_a_server_that_was_never_asked_counts_0(server: str) -> None:
    assert counted(server, "# TYPE up gauge\nup 1\n") == Counted()


BATCHED = """\
:tensorflow:serving:request_latency_count{model_name="emotions",API="predict",entrypoint="REST"} 40
:tensorflow:serving:request_latency_sum{model_name="emotions",API="predict",entrypoint="REST"} 400000
:tensorflow:serving:batching_session:processed_batch_size_count{} 10
:tensorflow:serving:batching_session:processed_batch_size_sum{} 40
:tensorflow:serving:batching_session:queuing_latency_count{thread_pool_name=""} 40
:tensorflow:serving:batching_session:queuing_latency_sum{thread_pool_name=""} 80000
"""


def test_batches_and_waits_are_those_of_the_server() -> None:
    assert counted("tensorflow", BATCHED) == Counted(40, 400_000, 40, 80_000, 10, 40)


def test_torchserves_batches_are_its_handlers() -> None:
    page = 'RequestBatchSizeSum{Level="Model",} 30.0\nRequestBatchSizeCount{Level="Model",} 10.0\n'
    found = counted("torchserve", page)
    assert (found.rows, found.batches) == (30, 10)


def test_the_difference_of_two_looks_is_what_happened_between() -> None:
    assert Counted(10, 5, 4, 3, 2, 1) - Counted(4, 2, 1, 1, 1, 1) == Counted(6, 3, 3, 2, 1, 0)
