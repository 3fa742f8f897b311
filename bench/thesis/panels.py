"""Figures of one run from the series that Prometheus had: the thesis's panels. Pure."""

from collections.abc import Sequence
from statistics import fmean

from bench.records.parts import STEP
from bench.records.profile import Open
from bench.records.series import Line
from bench.thesis.figures import cores, stack
from bench.thesis.gather import Look
from stack.quantities import millicores
from stack.queries import DASHBOARD, autoscaling, tf_serving, torchserve

SERVER_LATENCY = {
    "tensorflow": tf_serving.latency_mean(DASHBOARD).name,
    "torchserve": torchserve.latency_mean(DASHBOARD).name,
}
POD_LATENCY = torchserve.latency_by_pod(DASHBOARD).name
BATCH_SIZE = {
    "tensorflow": tf_serving.batch_size(DASHBOARD).name,
    "torchserve": torchserve.batch_size(DASHBOARD).name,
}
WORKERS = torchserve.workers(DASHBOARD).name
CPU_SEEN = autoscaling.metric_seen(DASHBOARD).name
PODS_READY = autoscaling.replicas_ready(DASHBOARD).name
MICROS = 1000.0  # in a ms


def points(look: Look, query: str) -> tuple[float, ...]:
    """The values of a query's series while the load ran."""
    end = look.summary.total.seconds
    return tuple(
        value for line in look.series.get(query, ()) for when, value in line.points if 0 <= when <= end
    )


def server_latency(look: Look) -> tuple[float, ...]:
    """The thesis's panel: the server's own mean latency."""
    return tuple(value / MICROS for value in points(look, SERVER_LATENCY[look.summary.server]))


def latency_highest(look: Look) -> float | None:
    """The highest point of the server's own mean latency."""
    return max(server_latency(look), default=None)


def latency_range(look: Look) -> float | None:
    """The highest point ÷ the lowest of the server's own mean latency: how unsteady it is."""
    drawn = server_latency(look)
    return max(drawn) / min(drawn) if drawn and min(drawn) > 0 else None


def batch_highest(look: Look) -> float | None:
    """The highest point of the mean batch's panel."""
    return max(points(look, BATCH_SIZE[look.summary.server]), default=None)


def workers(look: Look) -> float | None:
    """The most worker processes at one time."""
    return max(points(look, WORKERS), default=None)


def autoscaler_cpu(look: Look) -> float | None:
    """The highest CPU utilisation that the autoscaler saw, in %."""
    return max(points(look, CPU_SEEN), default=None)


def percent_of_request(look: Look) -> float | None:
    """What the autoscaler saw ÷ the pods' use in % of their CPU requests, both on average."""
    found, seen, used = stack(look.summary), points(look, CPU_SEEN), cores(look)
    ready = points(look, PODS_READY)
    if found is None or not (seen and used and ready):
        return None
    request = millicores(found.resources.cpu_request) / 1000
    return fmean(seen) / (100 * used / fmean(ready) / request)


def settled_cpu(look: Look) -> float | None:
    """What the autoscaler saw in the last minute of the load, of a step in that of its high phase; in %."""
    profile, end = look.summary.profile, look.summary.total.seconds
    if look.summary.part == STEP and isinstance(profile, Open):
        end = sum(phase.seconds for phase in profile.phases[:2])
    return average(look.series.get(CPU_SEEN, ()), end - 60, end)


def average(lines: Sequence[Line], start: float, end: float) -> float | None:
    """The mean of a series' values between two times, in s since the load's start."""
    own = [value for line in lines for when, value in line.points if start <= when <= end]
    return fmean(own) if own else None
