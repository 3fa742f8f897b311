"""Autoscaling: what the autoscaler sees, wants and gets, and whether the new pod helps."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, autoscaling, catalogue, resources
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "autoscaling",
        "Autoscaling",
        "From the metric to the first answer of a new pod.",
        [
            ("The autoscaler", [metric(), wish()]),
            ("The pods", [replicas(), requests()]),
            ("The effect", [cpu(), latency(slo)]),
        ],
    )


def metric() -> Panel:
    """What the autoscaler sees."""
    return panels.curves(
        "CPU as the autoscaler sees it",
        "Percent of the pods' CPU requests, and the target. A gap is its <unknown>: `make status` names the "
        "cause.",
        autoscaling.metric_seen(DASHBOARD),
        autoscaling.metric_target(DASHBOARD),
    )


def wish() -> Panel:
    """What it wants."""
    return panels.curves(
        "Replicas that the autoscaler wants",
        "Its wish and the most it may ask for; where they meet it has no room left.",
        autoscaling.autoscaler_wish(DASHBOARD),
        autoscaling.autoscaler_limit(DASHBOARD),
    )


def replicas() -> Panel:
    """What it gets."""
    return panels.curves(
        "Replicas wanted and ready",
        "The distance between the curves is the time in which a pod starts.",
        autoscaling.replicas_wanted(DASHBOARD),
        autoscaling.replicas_ready(DASHBOARD),
    )


def requests() -> Panel:
    """Per-pod split."""
    return panels.curves(
        "Requests by pod",
        "A new pod takes its share only of new connections: clients that keep theirs stay with the old pod.",
        *(server.requests(DASHBOARD) for server in catalogue.of_servers()),
    )


def cpu() -> Panel:
    """CPU by pod."""
    return panels.curves(
        "CPU by pod",
        "Cores that each pod uses, and the CPU limit of one pod.",
        resources.cpu_used(DASHBOARD),
        resources.cpu_allowed(DASHBOARD),
    )


def latency(slo: Slo) -> Panel:
    """Latency of every server."""
    return panels.curves(
        "Latency in the server",
        f"{catalogue.latencies()}; the dashed line is the objective for p95.",
        *(server.latency(DASHBOARD) for server in catalogue.of_servers()),
        limit=1000 * slo.p95_millis,
    )
