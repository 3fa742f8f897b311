"""TensorFlow Serving. Its latency is in µs; probes are recorded with an empty label API."""

import bisect
import operator
from functools import partial
from itertools import accumulate, repeat

from stack.queries import load
from stack.queries.own import Counters, Signals
from stack.queries.query import BATCHING, ERRORS, TENSORFLOW, Query, Scope, quantile, quotient

PREFIX = ":tensorflow:serving:"
LATENCY = f"{PREFIX}request_latency"
COUNT = f"{PREFIX}request_count"
BATCH = f"{PREFIX}batching_session:processed_batch_size"
QUEUE = f"{PREFIX}batching_session:queuing_latency"
PREDICT = 'API="predict"'
# µs: monitoring::Buckets::Exponential(10, 1.8, 33), tensorflow_serving/servables/tensorflow/util.cc
BOUNDS = tuple(accumulate(repeat(1.8, 32), operator.mul, initial=10.0))
FAULTS = "ABORTED|DATA_LOSS|DEADLINE_EXCEEDED|INTERNAL|RESOURCE_EXHAUSTED|UNAVAILABLE|UNKNOWN"


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        latency_mean(scope),
        *(latency_quantile(scope, share) for share in (0.5, 0.95, 0.99)),
        latency_by_pod(scope),
        graph_time_mean(scope),
        requests(scope),
        failures(scope),
        error_ratio(scope),
        batch_size(scope),
        queue_time(scope),
        *(told(scope) for told in LOADS.values()),
    )


def latency_mean(scope: Scope) -> Query:
    """Mean latency in the server, by pod: the thesis' panel, without its probes."""
    expression = quotient(
        scope.rate(f"{LATENCY}_sum", PREDICT), scope.rate(f"{LATENCY}_count", PREDICT), "pod"
    )
    return Query("TensorFlow Serving mean latency", "µs", expression, needs=(TENSORFLOW,))


def latency_quantile(scope: Scope, share: float, by: str = "") -> Query:
    """A quantile of the latency in the server over all pods, interpolated within a bucket."""
    expression = quantile(share, scope.rate(f"{LATENCY}_bucket", PREDICT), by)
    name = f"p{share * 100:g}"
    return Query(f"TensorFlow Serving latency {name}", "µs", expression, name, (TENSORFLOW,))


def latency_by_pod(scope: Scope) -> Query:
    """p95 of each pod."""
    expression = quantile(0.95, scope.rate(f"{LATENCY}_bucket", PREDICT), "pod")
    return Query("TensorFlow Serving latency p95 by pod", "µs", expression, needs=(TENSORFLOW,))


def graph_time_mean(scope: Scope) -> Query:
    """Mean time in the model's graph; what remains of the latency is parsing and waiting."""
    metric = f"{PREFIX}runtime_latency"
    expression = quotient(scope.rate(f"{metric}_sum"), scope.rate(f"{metric}_count"), "pod")
    return Query("TensorFlow Serving mean time in the graph", "µs", expression, needs=(TENSORFLOW,))


def requests(scope: Scope) -> Query:
    """Answered predictions a second, by pod."""
    expression = f"sum by (pod) ({scope.rate(f'{LATENCY}_count', PREDICT)})"
    return Query("TensorFlow Serving predictions", "reqps", expression, needs=(TENSORFLOW,))


def failures(scope: Scope) -> Query:
    """Requests a second that were not answered with OK, by status."""
    other = 'status!="OK"'
    expression = f"sum by (status) ({scope.rate(COUNT, other)})"
    return Query("TensorFlow Serving failures", "reqps", expression, "{{status}}", (TENSORFLOW, ERRORS))


def error_ratio(scope: Scope, by: str = "namespace") -> Query:
    """The server's own errors among predictions; a client's mistakes are none of them."""
    bad, good = scope.rate(COUNT, f'status=~"{FAULTS}"'), scope.rate(f"{LATENCY}_count", PREDICT)
    total = f"sum by ({by}) ({bad} or {good})"
    expression = f"(sum by ({by}) ({bad}) or 0 * {total}) / {total}"
    return Query(
        "TensorFlow Serving error ratio", "percentunit", expression, "TensorFlow Serving", (TENSORFLOW,)
    )


def slow_ratio(scope: Scope, micros: float, by: str = "namespace") -> Query:
    """Share of answered predictions slower than some µs, interpolated within a bucket as quantiles are."""
    above = min(bisect.bisect_right(BOUNDS, micros), len(BOUNDS) - 1)
    low, high = BOUNDS[above - 1], BOUNDS[above]
    part = min((micros - low) / (high - low), 1.0)
    within = " + ".join(
        f"{share:.4g} * sum by ({by}) ({scope.rate(f'{LATENCY}_bucket', PREDICT, _le(bound))})"
        for bound, share in ((low, 1 - part), (high, part))
    )
    count = f"sum by ({by}) ({scope.rate(f'{LATENCY}_count', PREDICT)})"
    expression = f"1 - ({within}) / {count}"
    name = f"TensorFlow Serving answers above {micros:g} µs"
    return Query(name, "percentunit", expression, "TensorFlow Serving", (TENSORFLOW,))


def _le(bound: float) -> str:
    return f'le="{bound:g}"'  # six digits, as its exporter prints them


def batch_size(scope: Scope) -> Query:
    """Mean rows in a batch: the thesis' panel."""
    expression = quotient(scope.rate(f"{BATCH}_sum"), scope.rate(f"{BATCH}_count"), "pod")
    return Query("TensorFlow Serving batch size", "rows", expression, needs=(TENSORFLOW, BATCHING))


def queue_time(scope: Scope, by: str = "pod") -> Query:
    """p95 of the wait for a batch to fill and a thread to take it."""
    expression = quantile(0.95, scope.rate(f"{QUEUE}_bucket"), by)
    return Query("TensorFlow Serving batch queue p95", "µs", expression, needs=(TENSORFLOW, BATCHING))


def in_flight(scope: Scope) -> Query:
    """Requests in the server at a time, without those that its REST threads have not taken yet."""
    return _load(load.IN_FLIGHT, load.at_once(scope, f"{LATENCY}_sum", PREDICT), scope)


def queue_length(scope: Scope) -> Query:
    """Requests that wait at a time for a batch to fill and a thread to take it."""
    return _load(load.QUEUE, load.at_once(scope, f"{QUEUE}_sum"), scope, BATCHING)


def request_rate(scope: Scope) -> Query:
    """Answered predictions a second."""
    return _load(load.RATE, load.rate(scope, f"{LATENCY}_count", PREDICT), scope)


def _load(which: str, told: load.Told, scope: Scope, *needs: str) -> Query:
    return load.total(
        which, told, "tensorflow-serving", scope, TENSORFLOW, *needs, title="TensorFlow Serving"
    )


LOADS = {load.IN_FLIGHT: in_flight, load.QUEUE: queue_length, load.RATE: request_rate}


# request_count counts readiness probes too; the latency histogram tells them apart, and counts what was
# answered well.
COUNTERS = Counters(
    requests=f"{LATENCY}_count",
    service_micros=f"{LATENCY}_sum",
    queued=f"{QUEUE}_count",
    queue_micros=f"{QUEUE}_sum",
    batches=f"{BATCH}_count",
    rows=f"{BATCH}_sum",
    ignored='API=""',
)
SIGNALS = Signals(
    every=all_queries,
    requests=requests,
    latency=partial(latency_quantile, share=0.95),
    statistic="p95",
    errors=error_ratio,
    slower=slow_ratio,
    loads=LOADS,
)
