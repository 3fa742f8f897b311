"""The PromQL of the project: the only home of metric names.

Rates and increases are taken over four scrapes, so that one lost scrape leaves a value.
"""

from dataclasses import dataclass

from infra.monitoring.prometheus import SCRAPE_SECONDS

WINDOW = f"{4 * SCRAPE_SECONDS}s"


@dataclass(frozen=True)
class Query:
    """A named query and the unit of its result."""

    name: str
    unit: str
    promql: str


def _ratio(numerator: str, denominator: str, by: str) -> str:
    return (
        f"sum by ({by}) (increase({numerator}[{WINDOW}])) / sum by ({by}) (increase({denominator}[{WINDOW}]))"
    )


def targets_up(namespace: str) -> Query:
    """1 for each serving pod that Prometheus reaches."""
    return Query("targets up", "1", f'up{{namespace="{namespace}"}}')


def tensorflow_latency(namespace: str) -> Query:
    """Mean server latency. Only predictions: probes are recorded with an empty API label."""
    where = f'{{namespace="{namespace}",API="predict"}}'
    metric = ":tensorflow:serving:request_latency"
    return Query(
        "TensorFlow Serving latency", "µs", _ratio(f"{metric}_sum{where}", f"{metric}_count{where}", "pod")
    )


def tensorflow_batch_size(namespace: str) -> Query:
    """Mean rows in a batch; no value while batching is off."""
    where = f'{{namespace="{namespace}"}}'
    metric = ":tensorflow:serving:batching_session:processed_batch_size"
    return Query(
        "TensorFlow Serving batch size",
        "rows",
        _ratio(f"{metric}_sum{where}", f"{metric}_count{where}", "pod"),
    )


def torchserve_latency(namespace: str) -> Query:
    """Mean server latency: queue and batch delay are part of it, failed requests lower it."""
    where = f'{{namespace="{namespace}"}}'
    return Query(
        "TorchServe latency",
        "µs",
        _ratio(f"ts_inference_latency_microseconds{where}", f"ts_inference_requests_total{where}", "pod"),
    )


def torchserve_batch_size(namespace: str) -> Query:
    """Mean requests in a batch, by the handler's own counters."""
    where = f'{{namespace="{namespace}"}}'
    return Query(
        "TorchServe batch size",
        "requests",
        _ratio(f"RequestBatchSizeSum{where}", f"RequestBatchSizeCount{where}", "pod"),
    )


def thesis(namespace: str) -> tuple[Query, ...]:
    """The queries that the thesis draws, corrected where it was wrong."""
    return (
        tensorflow_latency(namespace),
        tensorflow_batch_size(namespace),
        torchserve_latency(namespace),
        torchserve_batch_size(namespace),
    )
