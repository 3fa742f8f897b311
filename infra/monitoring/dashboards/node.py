"""Node: what all stacks share, and whether monitoring itself is well."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.monitoring.dashboards import panels
from infra.monitoring.dashboards.panels import Panel
from stack.queries import DASHBOARD, node
from stack.settings import Slo


def dashboard(_: Slo) -> Dashboard:
    """The whole dashboard."""
    return panels.dashboard(
        "node",
        "Node",
        "The nodes that all stacks share, and Prometheus itself.",
        [
            ("Nodes", [cpu(), memory(), cpu_by_namespace(), pods()]),
            ("Prometheus", [targets_down(), storage(), series()]),
        ],
        by_variant=False,
    )


def cpu() -> Panel:
    """CPU."""
    return panels.curves(
        "CPU",
        "Cores in use by everything on the node, a load generator included, and the cores there are.",
        node.cpu_used(DASHBOARD),
        node.cpu_there(),
    )


def memory() -> Panel:
    """Memory."""
    return panels.curves(
        "Memory",
        "Working set of everything on the node, and the memory there is.",
        node.memory_used(),
        node.memory_there(),
    )


def cpu_by_namespace() -> Panel:
    """CPU by namespace."""
    return panels.curves(
        "CPU by namespace", "Cores in use by our stacks and the platform.", node.cpu_by_namespace(DASHBOARD)
    )


def pods() -> Panel:
    """Pods."""
    return panels.curves("Pods running", "Pods that each node's kubelet runs.", node.pods_running())


def targets_down() -> Panel:
    """Targets down."""
    return panels.curves(
        "Targets down",
        "Scrape targets that do not answer, by job: where it is above 0, panels are blind.",
        node.targets_down(),
        width=panels.THIRD,
    )


def storage() -> Panel:
    """Storage."""
    return panels.curves("Storage", "Bytes on Prometheus' volume.", node.storage_used(), width=panels.THIRD)


def series() -> Panel:
    """Series."""
    return panels.curves(
        "Series in memory", "Time series that Prometheus holds.", node.series(), width=panels.THIRD
    )
