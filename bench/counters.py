"""How many requests a serving pod has answered, by the server's own counter."""

import re

from bench.cluster import Cluster
from infra.serving import tf_serving, torchserve

# TensorFlow Serving's request_count counts readiness probes too; its latency histogram tells them apart, and
# counts what was answered well. TorchServe's counter counts what was taken in.
COUNTERS = {
    "tensorflow": re.compile(
        r'^:tensorflow:serving:request_latency_count\{[^}]*API="[Pp]redict"[^}]*\} (\S+)', re.MULTILINE
    ),
    "torchserve": re.compile(r"^ts_inference_requests_total\{[^}]*\} (\S+)", re.MULTILINE),
}
PAGES = {
    "tensorflow": f"{tf_serving.REST.number}/proxy{tf_serving.METRICS_PATH}",
    "torchserve": f"{torchserve.METRICS.number}/proxy/metrics",
}


def answered(server: str, page: str) -> float:
    """The predictions that a metrics page counts; a counter that is not there yet is 0."""
    return sum(float(value) for value in COUNTERS[server].findall(page))


def read(cluster: Cluster, namespace: str, pod: str, server: str) -> float:
    """A pod's counter, through the API server. Raises ClusterError."""
    return answered(server, cluster.text(f"/api/v1/namespaces/{namespace}/pods/{pod}:{PAGES[server]}"))
