"""How many nodes equal pods take: what a node offers, and how the scheduler fills it."""

import math
from dataclasses import dataclass

MOST_PODS = 110  # on a node, the kubelet's --max-pods
OWN_PODS = 10  # of them for the cluster's own: network, proxy, DNS, exporters
EVICTION_GIB = 100 / 1024  # the kubelet's --eviction-hard memory.available
# What Google's GKE documents for the kubelet and the system ("Plan node sizes"): a share of each stretch.
CPU_RESERVE = ((1, 0.06), (1, 0.01), (2, 0.005), (math.inf, 0.0025))
GIB_RESERVE = ((4, 0.25), (4, 0.20), (8, 0.10), (112, 0.06), (math.inf, 0.02))
RESERVE = "GKE's formula for kubelet and system, and 100 MiB before evictions"


@dataclass(frozen=True)
class Request:
    """What a pod requests: cores and GiB."""

    cores: float
    gib: float


@dataclass(frozen=True)
class Node:
    """A kind of node: cores, GiB, and what an hour of it costs."""

    name: str
    cores: float
    gib: float
    hour: float

    @property
    def offers(self) -> Request:
        """What is left for pods beside the system's reserve; that of DaemonSets is not known here."""
        gib = self.gib - _reserved(self.gib, GIB_RESERVE) - EVICTION_GIB
        return Request(self.cores - _reserved(self.cores, CPU_RESERVE), max(gib, 0.0))


def _reserved(size: float, stretches: tuple[tuple[float, float], ...]) -> float:
    total, left = 0.0, size
    for length, share in stretches:
        total += min(left, length) * share
        left = max(left - length, 0.0)
    return total


def on_one(pod: Request, node: Node) -> int:
    """How many equal pods a node takes; 0 if not even one fits."""
    offers = node.offers
    by_cpu, by_memory = _times(offers.cores, pod.cores), _times(offers.gib, pod.gib)
    return min(by_cpu, by_memory, MOST_PODS - OWN_PODS)


def _times(whole: float, part: float) -> int:
    return math.floor(whole / part + 1e-9) if part else MOST_PODS


def needed(pods: int, each: int) -> int:
    """Nodes for equal pods, `each` on one. For equal sizes filling one after another is the best packing."""
    return -(-pods // each)
