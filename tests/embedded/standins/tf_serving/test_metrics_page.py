"""Metrics as Prometheus sees them, after requests that are known."""

from concurrent.futures import ThreadPoolExecutor

from .running import Running

SERVING = ":tensorflow:serving:"
COUNT = SERVING + 'request_count{{model_name="{}",status="{}"}}'
LATENCY = SERVING + 'request_latency_count{{model_name="{}",API="{}",entrypoint="REST"}}'


def test_every_request_is_counted_but_only_good_ones_have_a_latency(plain: Running) -> None:
    samples = [
        COUNT.format("half", "OK"),
        COUNT.format("half", "INVALID_ARGUMENT"),
        COUNT.format("ghost", "NOT_FOUND"),
        LATENCY.format("half", "predict"),
        LATENCY.format("half", ""),
        LATENCY.format("ghost", "predict"),
        SERVING + 'runtime_latency_count{model_name="half",API="Predict",runtime="TF1"}',
    ]
    before = [plain.metric(sample) for sample in samples]
    for _ in range(3):
        plain.predict({"instances": [1.0]})
    plain.predict({"instances": []})
    plain.predict({"instances": [1.0]}, "/v1/models/ghost")
    plain.ask("/v1/models/half")
    after = [plain.metric(sample) for sample in samples]
    assert [b - a for a, b in zip(before, after, strict=True)] == [4, 1, 1, 3, 1, 0, 3]


def test_requests_that_arrive_together_are_processed_together(batched: Running) -> None:
    name = SERVING + "batching_session:"
    samples = [name + each for each in ("processed_batch_size_sum{}", "processed_batch_size_count{}")]
    samples += [name + "wrapped_run_count{}", name + "input_batch_size_count{}"]
    samples += [name + 'queuing_latency_count{thread_pool_name=""}']
    before = [batched.metric(sample) for sample in samples]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            answers = list(pool.map(lambda x: batched.predict({"instances": [x]}).json, range(4)))
            assert answers == [{"predictions": [x / 2 + 3]} for x in range(4)]
    after = [batched.metric(sample) for sample in samples]
    rows, batches, runs, inputs, queued = (b - a for a, b in zip(before, after, strict=True))
    assert (rows, inputs, queued) == (40, 40, 40)
    assert batches == runs
    assert 10 <= batches < 40, "some requests shared a batch"


def test_warm_up_and_load_are_on_the_page(plain: Running) -> None:
    page = plain.ask("/monitoring/prometheus/metrics")
    assert page.headers["Content-Type"].startswith("text/plain")
    records = [line for line in page.body.decode().splitlines() if "model_warmup_records_read{" in line]
    assert len(records) == 1
    assert records[0].endswith('/00000001",status="OK"} 2')
    assert b':tensorflow:cc:saved_model:load_attempt_count{model_path="' in page.body
    assert b" NaN" not in page.body


def test_padding_is_zero_without_allowed_sizes(batched: Running) -> None:
    batched.predict({"instances": [1.0, 2.0]})
    sample = SERVING + 'batching_session:padding_size_sum{execution_batch_size="2"}'
    assert batched.metric(sample) == 0
    assert batched.metric(sample.replace("_sum", "_count")) >= 1
