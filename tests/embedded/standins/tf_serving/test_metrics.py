import pytest

from embedded.standins.tf_serving.metrics import Counter, Histogram, Metrics, exponential, metric_name

# Names, labels and numbers of finite buckets that dashboards and alerts depend on.
EXPECTED = {
    ":tensorflow:serving:request_count": ("counter", ("model_name", "status"), 0),
    ":tensorflow:serving:request_latency": ("histogram", ("model_name", "API", "entrypoint"), 33),
    ":tensorflow:serving:runtime_latency": ("histogram", ("model_name", "API", "runtime"), 33),
    ":tensorflow:serving:batching_session:processed_batch_size": ("histogram", (), 14),
    ":tensorflow:serving:batching_session:queuing_latency": ("histogram", ("thread_pool_name",), 52),
}


def test_every_metric_has_upstreams_name_type_labels_and_buckets() -> None:
    found = {
        metric_name(metric.name): (
            metric.kind,
            metric.labels,
            len(metric.limits) if isinstance(metric, Histogram) else 0,
        )
        for metric in vars(Metrics()).values()
    }
    assert found == EXPECTED


def test_the_page_has_types_in_order_of_names_and_no_help() -> None:
    lines = Metrics().page().splitlines()
    types = [line.split()[2] for line in lines if line.startswith("#")]
    assert types == sorted(EXPECTED)
    assert not any(line.startswith("# HELP") for line in lines)


def test_latency_limits_print_with_six_digits() -> None:
    histogram = Histogram("/h", exponential(10, 1.8, 33))
    limits = [line.split('le="')[1].split('"')[0] for line in histogram.lines() if "_bucket" in line]
    first = ["10", "18", "32.4", "58.32", "104.976", "188.957", "340.122", "612.22", "1102", "1983.59"]
    assert limits[:10] == first
    assert limits[20] == "1.27482e+06"
    assert limits[-2:] == ["1.47476e+09", "+Inf"]


def test_buckets_are_cumulative_and_labels_come_before_le() -> None:
    histogram = Histogram("/tensorflow/serving/h", (1, 2), "API")
    for amount in (0.5, 2, 100):
        histogram.add(amount, "predict")
    assert histogram.lines() == [
        ':tensorflow:serving:h_bucket{API="predict",le="1"} 1',
        ':tensorflow:serving:h_bucket{API="predict",le="2"} 1',
        ':tensorflow:serving:h_bucket{API="predict",le="+Inf"} 3',
        ':tensorflow:serving:h_sum{API="predict"} 102.5',
        ':tensorflow:serving:h_count{API="predict"} 3',
    ]


def test_an_empty_set_of_labels_still_prints_braces() -> None:
    assert Counter("/a/b").lines() == [":a:b{} 0"]


def test_sums_are_not_rounded() -> None:
    histogram = Histogram("/h", (1,))
    histogram.add(123456789)
    histogram.add(1)
    assert ":h_sum{} 123456790" in histogram.lines()


@pytest.mark.parametrize(("value", "printed"), [('a"b', 'a\\"b'), ("a\\b", "a\\\\b"), ("a\nb 1", "a\\nb 1")])
def test_a_clients_label_value_cannot_break_the_page(value: str, printed: str) -> None:
    counter = Counter("/c", "model_name")
    counter.add(value)
    assert counter.lines() == [f':c{{model_name="{printed}"}} 1']


@pytest.mark.parametrize(("path", "name"), [("/a-b/c_d", ":a:b:c_d"), ("9a", "_9a")])
def test_names_are_made_fit_for_prometheus(path: str, name: str) -> None:
    assert metric_name(path) == name
