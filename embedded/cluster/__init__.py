"""A real Kubernetes of upstream programs on one bare Linux machine: etcd to kube-proxy as plain processes.

`start()` brings it up or heals it, `stop()` leaves nothing behind, `status()` says how it is.
"""

from embedded.cluster.errors import ClusterError
from embedded.cluster.kubernetes.api import Condition
from embedded.cluster.lifecycle import start, start_image_services, status, stop
from embedded.cluster.node.images import forget_outdated
from embedded.cluster.survey import ClusterStatus, ProcessStatus, State

__all__ = [
    "ClusterError",
    "ClusterStatus",
    "Condition",
    "ProcessStatus",
    "State",
    "forget_outdated",
    "start",
    "start_image_services",
    "status",
    "stop",
]
