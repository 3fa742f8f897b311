"""TensorFlow Serving: latency, batches, requests. The thesis' two panels are marked."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, resources, tf_serving
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "tensorflow-serving",
        "TensorFlow Serving",
        "Latency, batching and requests of TensorFlow Serving.",
        [
            ("Latency", [mean(), quantiles(slo), by_pod(slo), graph_time()]),
            ("Batching", [batch_size(), queue_time(slo)]),
            ("Requests", [requests(), failures(), throttled()]),
        ],
    )


def now(slo: Slo) -> Panel:
    """The latency now, on the overview."""
    return panels.number(
        "TensorFlow Serving p95",
        "95 % of predictions took no longer in the server; red above the objective.",
        tf_serving.latency_quantile(DASHBOARD, 0.95),
        limit=1000 * slo.p95_millis,
        width=6,
    )


def mean() -> Panel:
    """The thesis' latency panel."""
    return panels.curves(
        "Mean latency by pod",
        "The thesis' panel, corrected: only predictions. Probes, recorded with an empty API label, are left "
        "out.",
        tf_serving.latency_mean(DASHBOARD),
    )


def quantiles(slo: Slo) -> Panel:
    """p50, p95, p99."""
    return panels.curves(
        "Latency quantiles",
        "Of all pods together, interpolated within the server's buckets, each 1.8 times as wide as the one "
        "before. The dashed line is the objective for p95.",
        *(tf_serving.latency_quantile(DASHBOARD, share) for share in (0.5, 0.95, 0.99)),
        limit=1000 * slo.p95_millis,
    )


def by_pod(slo: Slo) -> Panel:
    """p95 of each pod."""
    return panels.curves(
        "p95 by pod",
        "A pod apart from the others is on a busier node, throttled or new.",
        tf_serving.latency_by_pod(DASHBOARD),
        limit=1000 * slo.p95_millis,
    )


def graph_time() -> Panel:
    """Time in the graph."""
    return panels.curves(
        "Mean time in the graph",
        "What the model itself takes, with its wait for a batch; the rest of the latency is parsing and "
        "threads.",
        tf_serving.graph_time_mean(DASHBOARD),
    )


def batch_size() -> Panel:
    """The thesis' batch panel."""
    return panels.curves(
        "Mean batch size",
        "The thesis' panel: rows in a batch, empty without batching. About 1 + rate × timeout for steady "
        "arrivals; never above maxBatchSize, nor above the REST threads, of which each holds one request.",
        tf_serving.batch_size(DASHBOARD),
    )


def queue_time(slo: Slo) -> Panel:
    """Batch queue."""
    return panels.curves(
        "Batch queue p95",
        "Wait for a batch to fill and for a thread. Above the timeout the queue itself fills; the dashed "
        "line is half of the objective, where the alert fires.",
        tf_serving.queue_time(DASHBOARD),
        limit=500 * slo.p95_millis,
    )


def requests() -> Panel:
    """Predictions by pod."""
    return panels.curves(
        "Predictions by pod",
        "Answered predictions a second.",
        tf_serving.requests(DASHBOARD),
        width=panels.THIRD,
    )


def failures() -> Panel:
    """Failures by status."""
    return panels.curves(
        "Failures by status",
        "Requests that were not answered with OK. UNAVAILABLE is a full batch queue, INVALID_ARGUMENT the "
        "client's mistake. Empty without failures.",
        tf_serving.failures(DASHBOARD),
        width=panels.THIRD,
    )


def throttled() -> Panel:
    """Throttling."""
    return panels.curves(
        "CPU throttled",
        "Share of the 100 ms periods in which the CPU limit stopped a container.",
        resources.throttled(DASHBOARD),
        width=panels.THIRD,
    )
