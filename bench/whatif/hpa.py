"""Kubernetes' HorizontalPodAutoscaler: how many pods it wishes for.

After Kubernetes' documentation, Horizontal Pod Autoscaling, "Algorithm details", and the defaults of
kube-controller-manager. Pure; times in seconds, CPU in cores.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.whatif import pace
from bench.whatif.pace import Pace
from bench.whatif.seen import Decision, History, PodSeen, Scaler, Seen

SYNC_SECONDS = 15.0  # --horizontal-pod-autoscaler-sync-period
INITIALIZATION_SECONDS = 300.0  # --horizontal-pod-autoscaler-cpu-initialization-period
READINESS_SECONDS = 30.0  # --horizontal-pod-autoscaler-initial-readiness-delay


@dataclass(frozen=True)
class Tolerance:
    """How far usage ÷ target may be from 1: --horizontal-pod-autoscaler-tolerance, or the HPA's own."""

    up: float = 0.1
    down: float = 0.1

    def covers(self, ratio: float) -> bool:
        """Whether the ratio changes nothing."""
        return 1 - self.down <= ratio <= 1 + self.up


@dataclass(frozen=True)
class Groups:
    """Pods by what their metric is worth; those that end are in none."""

    counted: tuple[PodSeen, ...]
    unready: tuple[PodSeen, ...]
    missing: tuple[PodSeen, ...]


def groups(now: float, pods: Sequence[PodSeen]) -> Groups:
    """A pod that has not started, or whose CPU is of its start, is not ready; one without metric missing."""
    known = [pod for pod in pods if not pod.ending]
    missing = tuple(pod for pod in known if not pod.pending and pod.usage is None)
    unready = tuple(pod for pod in known if pod.pending or (pod.usage is not None and starts(now, pod)))
    return Groups(tuple(pod for pod in known if pod not in (*missing, *unready)), unready, missing)


def starts(now: float, pod: PodSeen) -> bool:
    """Whether a pod's CPU is not to be counted yet.

    Within five minutes of its start: while it is not ready, and until a metric lies wholly after it became
    so. Later: while it has never been ready, as far as the first 30 s tell.
    """
    if pod.usage is None or pod.pending:
        return True
    if now < pod.started + INITIALIZATION_SECONDS:
        return not pod.ready or pod.usage.taken < pod.changed + pod.usage.window
    return not pod.ready and pod.changed < pod.started + READINESS_SECONDS


def utilization(cores: float, pods: int, request: float) -> int:
    """Of the requests of so many pods, in whole per cent, rounded down as Kubernetes does."""
    return math.floor(round(100 * cores / (pods * request), 6))


def by_cpu(seen: Seen, request: float, target: float, tolerance: Tolerance) -> tuple[int, int | None]:
    """The wish of a target in per cent of the pods' CPU request, and what the CPU was; None: not known.

    What is not known is taken so that it dampens: a missing pod as idle where more pods are wished for, as
    using its whole request (or the target, if that is more) where fewer are; one that is not ready as idle.
    Where that turns the direction nothing changes.
    """
    found = groups(seen.now, seen.pods)
    used = sum(pod.usage.cores for pod in found.counted if pod.usage)
    if not found.counted:
        return seen.replicas, None
    known = len(found.counted)
    first = utilization(used, known, request)
    ratio = first / target
    unready = len(found.unready) if ratio > 1 else 0
    if not unready and not found.missing:
        return (seen.replicas if tolerance.covers(ratio) else _wish(ratio, known)), first
    all_ = known + unready + (len(found.missing) if ratio != 1 else 0)
    if ratio < 1:
        used += len(found.missing) * request * max(100.0, target) / 100
    return _damped(seen.replicas, ratio, utilization(used, all_, request) / target, all_, tolerance), first


def _damped(replicas: int, before: float, after: float, pods: int, tolerance: Tolerance) -> int:
    """The wish after the assumptions, unless these turn its direction."""
    wish = _wish(after, pods)
    turned = (before < 1 < after) or (after < 1 < before)
    against = (after < 1 and wish > replicas) or (after > 1 and wish < replicas)
    return replicas if tolerance.covers(after) or turned or against else wish


def by_average(replicas: int, total: float, target: float, tolerance: Tolerance) -> int:
    """The wish of an external metric whose `total` is to be `target` a pod; readiness does not count."""
    if tolerance.covers(total / (target * replicas)):
        return replicas
    return math.ceil(round(total / target, 9))


def _wish(ratio: float, pods: int) -> int:
    return math.ceil(round(ratio * pods, 9))


@dataclass(frozen=True)
class CpuLoop:
    """The autoscaler of a stack. `request` in cores, `target` in per cent of it."""

    request: float
    target: float
    bounds: tuple[int, int]
    pace: Pace
    tolerance: Tolerance = field(default=Tolerance())
    period: float = SYNC_SECONDS

    def decide(self, seen: Seen, history: History) -> Decision:
        """Without any metric the number of pods stays."""
        wish, metric = by_cpu(seen, self.request, self.target, self.tolerance)
        if metric is None:
            return Decision(seen.replicas, history)
        decided, kept = pace.paced(seen, wish, self.bounds, self.pace, history)
        return Decision(decided, kept, float(metric))


def scaler(loop: CpuLoop) -> Scaler:
    """An HPA on CPU."""
    return Scaler("HPA", (loop,), *loop.bounds, loop.target, "CPU of the request, %")
