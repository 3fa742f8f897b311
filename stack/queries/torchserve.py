"""TorchServe. It has no histograms, so no quantiles; its latency includes queue and batch delay."""

from stack.queries import load
from stack.queries.own import Counters, Signals
from stack.queries.query import ERRORS, FAULTS, TORCHSERVE, Query, Scope, quotient

LATENCY = "ts_inference_latency_microseconds"
QUEUE = "ts_queue_latency_microseconds"
REQUESTS = "ts_inference_requests_total"
ROWS, BATCHES = "RequestBatchSizeSum", "RequestBatchSizeCount"  # the handler's own


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        latency_mean(scope),
        latency_by_pod(scope),
        queue_time(scope),
        handler_time(scope),
        requests(scope),
        failures(scope, "4XX"),
        failures(scope, "5XX"),
        error_ratio(scope),
        batch_size(scope),
        workers(scope),
        *(told(scope) for told in LOADS.values()),
    )


def latency_mean(scope: Scope, by: str = "namespace") -> Query:
    """Mean latency over all pods: the thesis' panel. Requests that fail count but add no time."""
    expression = quotient(scope.rate(LATENCY), scope.rate(REQUESTS), by)
    return Query("TorchServe mean latency", "µs", expression, "all pods", (TORCHSERVE,))


def latency_by_pod(scope: Scope) -> Query:
    """Mean latency of each pod: the thesis' panel of two replicas."""
    expression = quotient(scope.rate(LATENCY), scope.rate(REQUESTS), "pod")
    return Query("TorchServe mean latency by pod", "µs", expression, needs=(TORCHSERVE,))


def queue_time(scope: Scope, by: str = "pod") -> Query:
    """Mean wait for a worker."""
    expression = quotient(scope.rate(QUEUE), scope.rate(REQUESTS), by)
    return Query("TorchServe mean queue time", "µs", expression, needs=(TORCHSERVE,))


def handler_time(scope: Scope) -> Query:
    """Time of the last batch in the handler."""
    expression = f"avg by (pod) (PredictionTime{scope.pods()})"
    return Query("TorchServe time in the handler", "ms", expression, needs=(TORCHSERVE,))


def requests(scope: Scope) -> Query:
    """Requests a second at their arrival, by pod."""
    return Query(
        "TorchServe requests", "reqps", f"sum by (pod) ({scope.rate(REQUESTS)})", needs=(TORCHSERVE,)
    )


def failures(scope: Scope, kind: str) -> Query:
    """Answers a second of a class of status codes: `4XX` or `5XX`; probes that fail are among them."""
    expression = f"sum by (namespace) ({scope.rate(f'Requests{kind}')})"
    needs = (TORCHSERVE, FAULTS if kind == "5XX" else ERRORS)
    return Query(f"TorchServe {kind} answers", "reqps", expression, kind, needs)


def error_ratio(scope: Scope, by: str = "namespace") -> Query:
    """The server's own errors among requests; a client's mistakes are none of them."""
    total = f"sum by ({by}) ({scope.rate(REQUESTS)})"
    expression = f"clamp_max((sum by ({by}) ({scope.rate('Requests5XX')}) or 0 * {total}) / {total}, 1)"
    return Query("TorchServe error ratio", "percentunit", expression, "TorchServe", (TORCHSERVE,))


def batch_size(scope: Scope) -> Query:
    """Mean requests in a batch, by the handler's own counters: the thesis' panel."""
    expression = quotient(scope.rate(ROWS), scope.rate(BATCHES), "pod")
    return Query("TorchServe batch size", "requests", expression, needs=(TORCHSERVE,))


def workers(scope: Scope) -> Query:
    """Worker processes that have loaded the model."""
    return Query(
        "TorchServe workers",
        "workers",
        f"count by (pod) (WorkerLoadTime{scope.pods()})",
        needs=(TORCHSERVE,),
    )


def in_flight(scope: Scope) -> Query:
    """Requests in the server at a time, waiting for a worker or with one."""
    return _load(load.IN_FLIGHT, load.at_once(scope, LATENCY), scope)


def queue_length(scope: Scope) -> Query:
    """Requests that wait for a worker at a time."""
    return _load(load.QUEUE, load.at_once(scope, QUEUE), scope)


def request_rate(scope: Scope) -> Query:
    """Requests a second at their arrival."""
    return _load(load.RATE, load.rate(scope, REQUESTS), scope)


def _load(which: str, told: load.Told, scope: Scope, *needs: str) -> Query:
    return load.total(which, told, "torchserve", scope, TORCHSERVE, *needs, title="TorchServe")


LOADS = {load.IN_FLIGHT: in_flight, load.QUEUE: queue_length, load.RATE: request_rate}


COUNTERS = Counters(  # of requests as they come in
    requests=REQUESTS,
    service_micros=LATENCY,
    queued=REQUESTS,
    queue_micros=QUEUE,
    batches=BATCHES,
    rows=ROWS,
)
SIGNALS = Signals(
    every=all_queries,
    requests=requests,
    latency=latency_mean,
    statistic="mean",
    errors=error_ratio,
    loads=LOADS,
)
