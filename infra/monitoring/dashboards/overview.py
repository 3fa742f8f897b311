"""Overview: is a variant well, and does it hold its objective?"""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.alerts import objectives
from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from infra.monitoring.dashboards.servers import OF_SERVERS
from stack.queries import DASHBOARD, autoscaling, catalogue, resources
from stack.queries import objectives as queries
from stack.settings import Slo


def dashboard(slo: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "overview",
        "Overview",
        "One variant at a glance: requests, latency, errors, resources, replicas.",
        [
            ("Now", [pods_up(), errors_now(slo), *(board.now(slo) for board in OF_SERVERS.values())]),
            ("Requests", [requests(), latency(slo), errors(slo), replicas()]),
            ("Objective", [budget(), burn()]),
            ("Resources", [cpu(), throttled(), memory(), restarts()]),
        ],
    )


def pods_up() -> Panel:
    """Reachable pods."""
    return panels.number(
        "Pods that answer",
        "1 for each serving pod that Prometheus reaches.",
        resources.targets_up(DASHBOARD),
        width=6,
    )


def errors_now(slo: Slo) -> Panel:
    """Error ratio of every server."""
    return panels.number(
        "Errors",
        "Share of predictions that failed by the server's fault; red above the objective.",
        *(server.errors(DASHBOARD) for server in catalogue.of_servers()),
        limit=slo.error_percent / 100,
        width=6,
    )


def requests() -> Panel:
    """Requests by pod."""
    return panels.curves(
        "Requests by pod",
        "Predictions a second. Pods that share the load evenly lie over each other.",
        *(server.requests(DASHBOARD) for server in catalogue.of_servers()),
    )


def latency(slo: Slo) -> Panel:
    """Latency of every server."""
    return panels.curves(
        "Latency in the server",
        f"{catalogue.latencies()}; the dashed line is the objective for p95. Clients "
        "see more: network and connection come on top.",
        *(server.latency(DASHBOARD) for server in catalogue.of_servers()),
        limit=1000 * slo.p95_millis,
    )


def errors(slo: Slo) -> Panel:
    """Error ratio over time."""
    return panels.curves(
        "Error ratio",
        "Share of predictions that failed by the server's fault; the dashed line is the objective.",
        *(server.errors(DASHBOARD) for server in catalogue.of_servers()),
        limit=slo.error_percent / 100,
    )


def replicas() -> Panel:
    """Replicas."""
    return panels.curves(
        "Replicas",
        "Pods that each Deployment wants, and those that take requests.",
        autoscaling.replicas_wanted(DASHBOARD),
        autoscaling.replicas_ready(DASHBOARD),
    )


def budget() -> Panel:
    """Error budget."""
    return panels.curves(
        "Error budget used",
        "Share of the error budget that is spent, of the last 30 days or as far back as Prometheus keeps; "
        "above the dashed line the objective is missed. Latency is known where the server has a histogram.",
        queries.budget_used(DASHBOARD),
        limit=1,
    )


def burn() -> Panel:
    """Burn rates."""
    page = objectives.PAIRS[0]
    return panels.curves(
        "Error budget burn rate",
        f"How many times as fast as allowed the budget is spent. {page.name} fires while both windows are "
        "above the dashed line.",
        *(queries.burn_rate(DASHBOARD, window) for window in (queries.FAST, queries.SLOW)),
        limit=page.burn,
    )


def cpu() -> Panel:
    """CPU."""
    return panels.curves(
        "CPU",
        "Cores that each pod uses, and the CPU limit of one pod.",
        resources.cpu_used(DASHBOARD),
        resources.cpu_allowed(DASHBOARD),
    )


def throttled() -> Panel:
    """Throttling."""
    return panels.curves(
        "CPU throttled",
        "Share of the 100 ms periods in which the CPU limit stopped a container: latency that no metric of "
        "the server explains.",
        resources.throttled(DASHBOARD),
    )


def memory() -> Panel:
    """Memory."""
    return panels.curves(
        "Memory",
        "Working set of each pod, and the memory limit at which it is killed.",
        resources.memory_used(DASHBOARD),
        resources.memory_allowed(DASHBOARD),
    )


def restarts() -> Panel:
    """Restarts."""
    return panels.curves("Restarts", "Restarts of the containers of each pod.", resources.restarts(DASHBOARD))
