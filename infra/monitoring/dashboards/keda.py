"""What KEDA scales by: the loads that Prometheus counts. Only where the platform has KEDA."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, autoscaling, catalogue
from stack.queries.load import WORDS
from stack.settings import Slo


def dashboard(_: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "keda",
        "KEDA",
        "Loads of all pods, by which KEDA scales, and what its autoscaler makes of them.",
        [("The autoscaler", [metric()]), ("Loads", [load(name) for name in WORDS])],
    )


def metric() -> Panel:
    """What the autoscaler sees."""
    return panels.curves(
        "The metric for each pod, as the autoscaler sees it",
        "And its target. A gap is its <unknown>: `make status` names the cause.",
        autoscaling.load_seen(DASHBOARD),
        autoscaling.load_target(DASHBOARD),
    )


def load(name: str) -> Panel:
    """One of the loads."""
    title = WORDS[name]
    return panels.curves(
        f"{title[0].upper()}{title[1:]} of all pods",
        f"With autoscaling.metric {name}, the autoscaler divides it by autoscaling.target for its pods.",
        *(server.loads[name](DASHBOARD) for server in catalogue.of_servers()),
    )
