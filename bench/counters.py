"""What a serving pod counted by itself: the server's own counters, from its metrics page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from bench.cluster import Cluster
from stack.queries import tf_serving as tf_metrics
from stack.queries import torchserve as torch_metrics
from stack.servers import tf_serving, torchserve

PAGES = {
    "tensorflow": f"{tf_serving.REST.number}/proxy{tf_serving.METRICS_PATH}",
    "torchserve": f"{torchserve.METRICS.number}/proxy/metrics",
}


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


# By server, which metric makes each sum. TensorFlow Serving's request_count counts readiness probes too; its
# latency histogram tells them apart, and counts what was answered well. TorchServe counts what was taken in.
NAMES: Mapping[str, Mapping[str, str]] = {
    "tensorflow": {
        "requests": f"{tf_metrics.LATENCY}_count",
        "service_micros": f"{tf_metrics.LATENCY}_sum",
        "queued": f"{tf_metrics.QUEUE}_count",
        "queue_micros": f"{tf_metrics.QUEUE}_sum",
        "batches": f"{tf_metrics.BATCH}_count",
        "rows": f"{tf_metrics.BATCH}_sum",
    },
    "torchserve": {
        "requests": torch_metrics.REQUESTS,
        "service_micros": torch_metrics.LATENCY,
        "queued": torch_metrics.REQUESTS,
        "queue_micros": torch_metrics.QUEUE,
        "batches": torch_metrics.BATCHES,
        "rows": torch_metrics.ROWS,
    },
}
LINE = re.compile(r"^([A-Za-z_:][\w:]*)(?:\{([^}]*)\})? (\S+)", re.MULTILINE)
PROBE = 'API=""'


def counted(server: str, page: str) -> Counted:
    """The sums of a metrics page; a counter that is not there yet is 0."""
    sums: dict[str, float] = {}
    for name, labels, value in LINE.findall(page):
        if PROBE not in labels:
            sums[name] = sums.get(name, 0.0) + float(value)
    return Counted(**{key: sums.get(name, 0.0) for key, name in NAMES[server].items()})


def read(cluster: Cluster, namespace: str, pod: str, server: str) -> Counted:
    """A pod's counters, through the API server. Raises ClusterError."""
    return counted(server, cluster.text(f"/api/v1/namespaces/{namespace}/pods/{pod}:{PAGES[server]}"))
