"""Gateway: every server as the gateway sees it, those without a histogram of their own too."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, gateway
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "gateway",
        "Gateway",
        "Requests, latency and failures of every server, measured by the gateway before it.",
        [("Servers", [latency(slo), requests(), failures(), errors(slo)])],
    )


def latency(slo: Slo) -> Panel:
    """Percentiles."""
    return panels.curves(
        "Latency by the gateway",
        "From a request's way to a pod until the answer's end; the same histogram for every server, "
        "TorchServe too. The dashed line is the objective for p95.",
        *(gateway.latency(DASHBOARD, share) for share in (0.5, 0.95, 0.99)),
        limit=slo.p95_millis / 1000,
    )


def requests() -> Panel:
    """Requests."""
    return panels.curves(
        "Requests by server",
        "Requests a second that passed key and limits, and reached the server.",
        gateway.requests(DASHBOARD),
    )


def failures() -> Panel:
    """Failures."""
    return panels.curves(
        "Failed answers",
        "Answers a second by status: 4xx and 5xx of the server, 502 and 504 of the gateway where no pod "
        "answers. Requests that the gateway refuses (401, 413, 429) reach no server and are not here.",
        gateway.failures(DASHBOARD),
    )


def errors(slo: Slo) -> Panel:
    """Error ratio."""
    return panels.curves(
        "Error ratio by the gateway",
        "Share of answers with a status of 500 and above; the dashed line is the objective.",
        gateway.error_ratio(DASHBOARD),
        limit=slo.error_percent / 100,
    )
