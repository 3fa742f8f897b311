"""TorchServe: latency, batches, queue, workers. The thesis' panels are marked."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, resources, torchserve
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "torchserve",
        "TorchServe",
        "Latency, queue, batches and workers of TorchServe, which has no histograms.",
        [
            ("Latency", [mean(slo), by_pod(slo), queue_time(slo), handler_time()]),
            ("Batching and workers", [batch_size(), workers()]),
            ("Requests", [requests(), failures(), throttled()]),
        ],
    )


def now(slo: Slo) -> Panel:
    """The latency now, on the overview."""
    return panels.number(
        "TorchServe mean",
        "Mean latency in the server, which has no histogram; red when even the mean is above the objective.",
        torchserve.latency_mean(DASHBOARD),
        limit=1000 * slo.p95_millis,
        width=6,
    )


def mean(slo: Slo) -> Panel:
    """The thesis' latency panel."""
    return panels.curves(
        "Mean latency",
        "The thesis' panel: all pods together, queue and batch delay included. Requests that fail count but "
        "add no time, so failures lower it. The dashed line is the objective for p95.",
        torchserve.latency_mean(DASHBOARD),
        limit=1000 * slo.p95_millis,
    )


def by_pod(slo: Slo) -> Panel:
    """The thesis' panel of two replicas."""
    return panels.curves(
        "Mean latency by pod",
        "The thesis' panel of two replicas: their curves lie over each other when they share the load.",
        torchserve.latency_by_pod(DASHBOARD),
        limit=1000 * slo.p95_millis,
    )


def queue_time(slo: Slo) -> Panel:
    """Queue."""
    return panels.curves(
        "Mean queue time",
        "Wait for a worker. The dashed line is half of the objective, where the alert fires.",
        torchserve.queue_time(DASHBOARD),
        limit=500 * slo.p95_millis,
    )


def handler_time() -> Panel:
    """Handler."""
    return panels.curves(
        "Time in the handler",
        "Of the last batch before each scrape: decoding, the model, the answer.",
        torchserve.handler_time(DASHBOARD),
    )


def batch_size() -> Panel:
    """The thesis' batch panel."""
    return panels.curves(
        "Mean batch size",
        "The thesis' panel, by the handler's own counters. 1 without batching; never above batchSize.",
        torchserve.batch_size(DASHBOARD),
    )


def workers() -> Panel:
    """Workers."""
    return panels.curves(
        "Workers",
        "Processes that have loaded the model. TorchServe has no load loop: it stays at minWorkers unless "
        "somebody asks the management API for more.",
        torchserve.workers(DASHBOARD),
    )


def requests() -> Panel:
    """Requests by pod."""
    return panels.curves(
        "Requests by pod",
        "Requests a second at their arrival.",
        torchserve.requests(DASHBOARD),
        width=panels.THIRD,
    )


def failures() -> Panel:
    """Failures by class."""
    return panels.curves(
        "Failures by class",
        "Answers a second with a status of that class. 503 is a full queue or a failed handler. Empty "
        "without failures.",
        torchserve.failures(DASHBOARD, "4XX"),
        torchserve.failures(DASHBOARD, "5XX"),
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
