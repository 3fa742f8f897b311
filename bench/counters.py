"""What a serving pod counted by itself: the server's own counters, from its metrics page."""

import re
from dataclasses import dataclass, fields

from bench.cluster import Cluster
from stack.servers import SERVERS

LINE = re.compile(r"^([A-Za-z_:][\w:]*)(?:\{([^}]*)\})? (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Counted:
    """Sums since the server's start; times in µs. What a server does not count is 0."""

    requests: float = 0.0
    service_micros: float = 0.0
    queued: float = 0.0
    queue_micros: float = 0.0
    batches: float = 0.0
    rows: float = 0.0

    def __sub__(self, other: "Counted") -> "Counted":
        return Counted(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))


def counted(server: str, page: str) -> Counted:
    """The sums of a metrics page; a counter that is not there yet is 0."""
    names, sums = SERVERS[server].counters, dict[str, float]()
    for name, labels, value in LINE.findall(page):
        if not names.ignored or names.ignored not in labels:
            sums[name] = sums.get(name, 0.0) + float(value)
    return Counted(*(sums.get(getattr(names, each.name), 0.0) for each in fields(Counted)))


def read(cluster: Cluster, namespace: str, pod: str, server: str) -> Counted:
    """A pod's counters, through the API server. Raises ClusterError."""
    told = SERVERS[server]
    page = f"{told.metrics.number}/proxy{told.metrics_path}"
    return counted(server, cluster.text(f"/api/v1/namespaces/{namespace}/pods/{pod}:{page}"))
