"""Triton: latency and its parts, batches, queue."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, resources, triton
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "triton",
        "Triton",
        "Latency and its parts, queue and batches of Triton.",
        [
            ("Latency", [p95(slo), by_pod(slo), queue_time(slo), compute_time()]),
            ("Batching", [batch_size(), waiting()]),
            ("Requests", [requests(), failures(), throttled()]),
        ],
    )


def now(slo: Slo) -> Panel:
    """The latency now, on the overview."""
    return panels.number(
        "Triton p95",
        "95th percentile in the server, of the pod where it is highest; red above the objective.",
        triton.latency_p95(DASHBOARD),
        limit=1000 * slo.p95_millis,
        width=6,
    )


def p95(slo: Slo) -> Panel:
    """p95."""
    return panels.curves(
        "Latency p95",
        "Of the pod where it is highest, over its last minute: quantiles of several pods cannot be added up. "
        "The dashed line is the objective.",
        triton.latency_p95(DASHBOARD),
        limit=1000 * slo.p95_millis,
    )


def by_pod(slo: Slo) -> Panel:
    """Mean latency of each pod."""
    return panels.curves(
        "Mean latency by pod",
        "Queue, decoding and network; pods that share the load evenly lie over each other.",
        triton.latency_by_pod(DASHBOARD),
        limit=1000 * slo.p95_millis,
    )


def queue_time(slo: Slo) -> Panel:
    """Queue."""
    return panels.curves(
        "Mean queue time",
        "Wait for an instance, and for a batch to fill. The dashed line is half of the objective, where the "
        "alert fires.",
        triton.queue_time(DASHBOARD),
        limit=500 * slo.p95_millis,
    )


def compute_time() -> Panel:
    """Instance."""
    return panels.curves(
        "Mean time in the instance",
        "Of a request's whole batch: decoding and the network.",
        triton.compute_time(DASHBOARD),
    )


def batch_size() -> Panel:
    """Batches."""
    return panels.curves(
        "Mean batch size",
        "Photos that an instance computes together; never above maxBatchSize.",
        triton.batch_size(DASHBOARD),
    )


def waiting() -> Panel:
    """Waiting requests."""
    return panels.curves(
        "Waiting requests",
        "Requests that no instance has taken yet; above a queueSize they are answered with 503, uncounted.",
        triton.waiting(DASHBOARD),
    )


def requests() -> Panel:
    """Requests by pod."""
    return panels.curves(
        "Requests by pod",
        "Predictions a second.",
        triton.requests(DASHBOARD),
        width=panels.THIRD,
    )


def failures() -> Panel:
    """Failures by reason."""
    return panels.curves(
        "Failures by reason",
        "BACKEND: an instance is dead. Refused images are no failures; 503 of a full queue is not counted.",
        triton.failures(DASHBOARD),
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
