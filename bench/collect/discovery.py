"""Prometheus and the API server at the size of a fleet: targets of the stack's pods, memory."""

import threading
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from bench.errors import ClusterError
from bench.records.fleet import Seen
from bench.subject.cluster import Cluster
from bench.subject.objects import items, text
from stack.namespaces import MONITORING, PROMETHEUS, PROMETHEUS_PORT

BASE = f"/api/v1/namespaces/{MONITORING}/services/{PROMETHEUS}:{PROMETHEUS_PORT}/proxy/api/v1"
JOB = "serving"
POLL_SECONDS = 1.0
MEBIBYTE = 2**20
RESIDENT = "process_resident_memory_bytes"


class Discovering:
    """Follows how many of a namespace's pods are targets of Prometheus, until all are."""

    def __init__(self, cluster: Cluster, namespace: str, pods: int) -> None:
        self._cluster, self._namespace, self._pods = cluster, namespace, pods
        self._found: float | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> "Discovering":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            try:
                if len(targets(self._cluster, self._namespace)) >= self._pods:
                    self._found = time.time()
                    return
            except ClusterError:  # no Prometheus, or none yet
                continue

    def seen(self, bound: float) -> Seen | None:
        """What Prometheus has now; `bound`: when the last pod was (Unix time). None without a Prometheus."""
        try:
            found = targets(self._cluster, self._namespace)
        except ClusterError:
            return None
        seconds = None if self._found is None else round(max(0.0, self._found - bound), 1)
        return Seen(len(found), list(found).count("up"), seconds, prometheus_mebibytes(self._cluster))


def targets(cluster: Cluster, namespace: str) -> Sequence[str]:
    """The health of each target that Prometheus has of a namespace's pods. Raises ClusterError."""
    found = items(cluster.get(f"{BASE}/targets?state=active&scrapePool={JOB}"), "data", "activeTargets")
    return [text(each, "health") for each in found if text(each, "labels", "namespace") == namespace]


def prometheus_mebibytes(cluster: Cluster) -> float | None:
    """What Prometheus holds; None where there is none, or it has not scraped itself yet."""
    asked = urlencode({"query": f'{RESIDENT}{{job="prometheus"}}'})
    try:
        found = items(cluster.get(f"{BASE}/query?{asked}"), "data", "result")
    except ClusterError:
        return None
    values = [items(each, "value") for each in found]
    return round(float(str(values[0][1])) / MEBIBYTE) if values else None


def api_mebibytes(cluster: Cluster) -> float | None:
    """What the API server holds by its own word; None where that may not be asked."""
    try:
        said = cluster.text("/metrics")
    except ClusterError:
        return None
    values = [line.split()[1] for line in said.splitlines() if line.startswith(f"{RESIDENT} ")]
    return round(float(values[0]) / MEBIBYTE) if values else None
