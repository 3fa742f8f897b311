"""Triton. Quantiles are each pod's own, over its last minute; they cannot be added up over pods.

A request whose image is refused counts as a success, one to a dead instance as a failure. What Triton itself
refuses counts nowhere: a body that it cannot read, a queue that is full.
"""

from stack.queries import load
from stack.queries.own import Counters, Signals
from stack.queries.query import TRITON, Query, Scope, quotient

DURATION = "nv_inference_request_duration_us"
QUEUE = "nv_inference_queue_duration_us"
COMPUTE = "nv_inference_compute_infer_duration_us"
SUCCESS, FAILURE = "nv_inference_request_success", "nv_inference_request_failure"
ROWS, BATCHES = "nv_inference_count", "nv_inference_exec_count"


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        latency_p95(scope),
        latency_by_pod(scope),
        queue_time(scope),
        compute_time(scope),
        requests(scope),
        failures(scope),
        error_ratio(scope),
        batch_size(scope),
        waiting(scope),
        *(told(scope) for told in LOADS.values()),
    )


def latency_p95(scope: Scope, by: str = "namespace") -> Query:
    """p95 in the server of the pod where it is highest."""
    quantile = scope.pods('quantile="0.95"')
    expression = f"max by ({by}) (nv_inference_request_summary_us{quantile})"
    return Query("Triton latency p95", "µs", expression, "slowest pod", (TRITON,))


def latency_by_pod(scope: Scope) -> Query:
    """Mean latency of each pod."""
    expression = quotient(scope.rate(DURATION), scope.rate(SUCCESS), "pod")
    return Query("Triton mean latency by pod", "µs", expression, needs=(TRITON,))


def queue_time(scope: Scope, by: str = "pod") -> Query:
    """Mean wait for an instance, and for a batch to fill."""
    expression = quotient(scope.rate(QUEUE), scope.rate(SUCCESS), by)
    return Query("Triton mean queue time", "µs", expression, needs=(TRITON,))


def compute_time(scope: Scope) -> Query:
    """Mean time of a request's batch in its instance: decoding and the network."""
    expression = quotient(scope.rate(COMPUTE), scope.rate(SUCCESS), "pod")
    return Query("Triton mean time in the instance", "µs", expression, needs=(TRITON,))


def requests(scope: Scope) -> Query:
    """Answered requests a second, by pod."""
    return Query("Triton requests", "reqps", f"sum by (pod) ({scope.rate(SUCCESS)})", needs=(TRITON,))


def failures(scope: Scope) -> Query:
    """Requests a second that failed in the server, by Triton's reason."""
    expression = f"sum by (reason) ({scope.rate(FAILURE)})"
    return Query("Triton failures", "reqps", expression, "{{reason}}", (TRITON,))


def error_ratio(scope: Scope, by: str = "namespace") -> Query:
    """The server's own errors among requests; a client's mistakes are none of them."""
    failed, good = (f"sum by ({by}) ({scope.rate(metric)})" for metric in (FAILURE, SUCCESS))
    expression = f"{failed} / ({failed} + {good})"
    return Query("Triton error ratio", "percentunit", expression, "Triton", (TRITON,))


def batch_size(scope: Scope) -> Query:
    """Mean photos in a batch."""
    expression = quotient(scope.rate(ROWS), scope.rate(BATCHES), "pod")
    return Query("Triton batch size", "rows", expression, needs=(TRITON,))


def waiting(scope: Scope) -> Query:
    """Requests that wait for an instance."""
    expression = f"sum by (pod) (nv_inference_pending_request_count{scope.pods()})"
    return Query("Triton waiting requests", "requests", expression, needs=(TRITON,))


def in_flight(scope: Scope) -> Query:
    """Requests in the server at a time, waiting for an instance or with one."""
    return _load(load.IN_FLIGHT, load.at_once(scope, DURATION), scope)


def queue_length(scope: Scope) -> Query:
    """Requests that wait for an instance now."""
    return _load(load.QUEUE, load.gauge(scope, "nv_inference_pending_request_count"), scope)


def request_rate(scope: Scope) -> Query:
    """Answered requests a second."""
    return _load(load.RATE, load.rate(scope, SUCCESS), scope)


def _load(which: str, told: load.Told, scope: Scope, *needs: str) -> Query:
    return load.total(which, told, "triton", scope, TRITON, *needs, title="Triton")


LOADS = {load.IN_FLIGHT: in_flight, load.QUEUE: queue_length, load.RATE: request_rate}


COUNTERS = Counters(
    requests=SUCCESS,
    service_micros=DURATION,
    queued=SUCCESS,
    queue_micros=QUEUE,
    batches=BATCHES,
    rows=ROWS,
)
SIGNALS = Signals(
    every=all_queries,
    requests=requests,
    latency=latency_p95,
    statistic="p95",
    errors=error_ratio,
    loads=LOADS,
)
