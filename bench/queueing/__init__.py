"""Capacity before a stack is run: mean batch, utilisation, percentiles and SLO capacity. Pure.

From service times in process (`bench.records.baseline`), a stack's settings and the machine's cores. Every
request passes four queues, of which the worst decides: threads that take requests in, lanes that compute, the
CPU limit of its pod, the cores of the machine. Rates in requests/s, times in ms.

Not in it: errors of queues that are full, noise of the machine, caches that calls share, connections that a
Service spreads unevenly.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.queueing import pod
from bench.queueing.curve import Line, ServiceCurve, Work, curve, of_server
from bench.queueing.limit import Limit
from bench.queueing.load import Load
from bench.queueing.station import Queue
from stack.settings import Settings

__all__ = [
    "Alone",
    "Limit",
    "Line",
    "Prediction",
    "ServiceCurve",
    "Work",
    "at_rate",
    "capacity",
    "curve",
    "limited",
    "of_server",
    "saturation",
    "unqueued",
    "with_overhead",
]

STEP = 1.01  # precision of a capacity
LEAST_RATE = 0.1
SHARES = (0.95, 0.99)


@dataclass(frozen=True)
class Prediction:
    """One rate on one server of a stack.

    `utilization` is the share in use of what is scarcest: threads, lanes, the CPU limit or the machine's
    cores; above 1 the queue grows without end, and the percentiles are infinite.
    """

    rate: float
    mean_batch: float
    utilization: float
    p95_millis: float
    p99_millis: float


def at_rate(settings: Settings, server: str, curve: ServiceCurve, rate: float, cores: float) -> Prediction:
    """What to expect of Poisson arrivals at `rate` on one server, while others of the stack are idle.

    `cores`: those of the machine that serving may use. What photos, batch and queue add is taken as
    independent: medians are added, what percentiles have above them as standard deviations are. Raises
    ValueError unless rate and cores are above 0.
    """
    if not (rate > 0 and cores > 0):
        raise ValueError(f"expected a rate and cores above 0, got {rate:g} requests/s and {cores:g} cores")
    load = _load(settings, server, curve, rate, cores)
    queues, alone = load.queues(), curve.beside_millis + load.service(load.carried())
    p95, p99 = (
        alone + _together(spread, load, queues, share)
        for share, spread in zip(SHARES, curve.spread_millis, strict=True)
    )
    return Prediction(rate, load.mean_batch(), max(each.load for each in queues), p95, p99)


def _together(spread: float, load: Load, queues: Sequence[Queue], share: float) -> float:
    """What this share of the requests waits at most, in ms, beside the call."""
    worst = max(queues, key=lambda each: each.wait(share))
    middles = load.window_median(), worst.wait(0.5)
    tails = load.window(share), worst.wait(share)
    if math.isinf(tails[1]):
        return math.inf
    return sum(middles) + math.hypot(
        spread, *(tail - middle for middle, tail in zip(middles, tails, strict=True))
    )


def capacity(settings: Settings, server: str, curve: ServiceCurve, cores: float) -> float:
    """The highest rate, to 1 %, whose predicted p95 and p99 meet the stack's objective; 0 if there is none.

    With a long batch timeout a low rate may miss an objective that a higher one meets: batches fill sooner.
    """
    for power in range(_power(saturation(settings, server, curve, cores)), _power(LEAST_RATE) - 1, -1):
        made = at_rate(settings, server, curve, STEP**power, cores)
        if made.p95_millis <= settings.slo.p95_millis and made.p99_millis <= settings.slo.p99_millis:
            return made.rate
    return 0.0


def saturation(settings: Settings, server: str, curve: ServiceCurve, cores: float) -> float:
    """Requests/s beyond which some queue grows without end: its load grows as the rate does."""
    return LEAST_RATE / _scarcest(settings, server, curve, cores).full_load


def limited(settings: Settings, server: str, curve: ServiceCurve, cores: float) -> Limit | None:
    """The pods' CPU limit, where it is what bounds the rate; None where threads, lanes or cores do."""
    return _scarcest(settings, server, curve, cores).limit


def unqueued(settings: Settings, server: str, curve: ServiceCurve, rate: float, cores: float) -> float:
    """The median time of a request at a rate, in ms, without any queue: front end, wait for a batch, call."""
    load = _load(settings, server, curve, rate, cores)
    return curve.beside_millis + load.window_median() + load.service(load.carried())


@dataclass(frozen=True)
class Alone:
    """One request in flight, measured, in ms: percentiles, and the CPU of a request.

    `pod_cpu_millis` is that of its pods, `machine_cpu_millis` has the generator's too where it is near.
    """

    p50_millis: float
    p95_millis: float
    p99_millis: float
    pod_cpu_millis: float = 0.0
    machine_cpu_millis: float = 0.0


def with_overhead(
    curve: ServiceCurve, settings: Settings, server: str, alone: Alone, cores: float
) -> ServiceCurve:
    """The curve with what one request in flight shows.

    Its overhead is the p50 less batch timeout and call; its work the CPU less the call's; the spread of
    photos is that of its percentiles, without what the pod's CPU limit adds to them.
    """
    load, p50 = _load(settings, server, curve, LEAST_RATE, cores), alone.p50_millis
    p95, p99 = (
        whole - load.limit.stall(alone.pod_cpu_millis, p50, share)
        for share, whole in zip(SHARES, (alone.p95_millis, alone.p99_millis), strict=True)
    )
    made = replace(
        curve,
        overhead_millis=max(0.0, p50 - load.pod.window_millis - load.service(1)),
        spread_millis=(max(0.0, p95 - p50), max(0.0, p99 - p50)),
    )
    call = load.busy_cores() * made.line(load.pod.threads).millis(1)
    share = min(1.0, alone.pod_cpu_millis / call) if alone.pod_cpu_millis else 1.0
    spent = share * call
    work = Work(max(0.0, alone.pod_cpu_millis - spent), max(0.0, alone.machine_cpu_millis - spent), share)
    return replace(made, work=work)


def _scarcest(settings: Settings, server: str, curve: ServiceCurve, cores: float) -> Queue:
    """The queue that bounds the rate; which one it is, the rate does not matter to."""
    queues = _load(settings, server, curve, LEAST_RATE, cores).queues()
    return max(queues, key=lambda each: each.full_load)


def _load(settings: Settings, server: str, curve: ServiceCurve, rate: float, cores: float) -> Load:
    return Load(pod.of(settings, server, cores), pod.count(settings), cores, curve, rate)


def _power(rate: float) -> int:
    return math.ceil(math.log(rate, STEP))
