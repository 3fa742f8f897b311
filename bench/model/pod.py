"""What a stack's settings mean for one pod: how many calls at a time, how large, on how many cores."""

import math
from dataclasses import dataclass

from stack.contradictions import REST_THREADS_PER_CPU
from stack.rules import millicores
from stack.settings import Settings


@dataclass(frozen=True)
class Pod:
    """One serving pod.

    `in_flight` requests are inside at most, others wait outside; None: no bound. `lanes` calls are computed
    at a time, each of at most `most_rows` requests with `threads` threads. A batch waits until it is full,
    which it never is unless it `fills`, at most for `window_millis`. `in_turns`: a call once begun keeps its
    lane; otherwise all calls share the lanes. `quota`: cores that the pod may use.
    """

    in_flight: int | None
    lanes: int
    in_turns: bool
    most_rows: int
    fills: bool
    window_millis: float
    threads: int
    quota: float


def of(settings: Settings, server: str, cores: float) -> Pod:
    """A pod of a stack on a machine with so many cores."""
    quota = min(millicores(settings.resources.cpu_limit) / 1000, cores)
    return _tensorflow(settings, cores, quota) if server == "tensorflow" else _torchserve(settings, quota)


def count(settings: Settings) -> int:
    """The pods that carry the load; an autoscaled stack's most: what it can once it has scaled out."""
    return settings.autoscaling.max_replicas if settings.autoscaling else settings.replicas


def _tensorflow(settings: Settings, cores: float, quota: float) -> Pod:
    """Each request holds a REST thread until it is answered, and one of them is the event loop's.

    Threads left to the server's choice are by the CPUs that it sees, which a limit does not change. All runs
    share the inter-op pool. A batch of one-row requests cannot be larger than the requests in flight.
    """
    wanted, cpus = settings.tensorflow, max(1, math.ceil(cores))
    inter, batching = wanted.inter_op_threads or cpus, wanted.batching
    in_flight = max(1, (wanted.rest_threads or REST_THREADS_PER_CPU * cpus) - 1)
    return Pod(
        in_flight=in_flight,
        lanes=min(inter, batching.threads if batching else in_flight),
        in_turns=batching is not None,
        most_rows=min(batching.max_batch_size, in_flight) if batching else 1,
        fills=batching is None or batching.max_batch_size <= in_flight,
        window_millis=batching.timeout_micros / 1000 if batching and batching.max_batch_size > 1 else 0.0,
        threads=wanted.intra_op_threads or cpus,
        quota=quota,
    )


def _torchserve(settings: Settings, quota: float) -> Pod:
    """`minWorkers` processes: TorchServe has no loop that starts more.

    Only one worker collects at a time, so that batches are as large as if there were one queue.
    """
    wanted = settings.torchserve
    return Pod(
        in_flight=None,
        lanes=wanted.min_workers,
        in_turns=True,
        most_rows=wanted.batch_size,
        fills=True,
        window_millis=wanted.max_batch_delay_millis if wanted.batch_size > 1 else 0.0,
        threads=wanted.threads_per_worker,
        quota=quota,
    )
