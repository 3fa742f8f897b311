"""What a model server counts and tells of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stack.queries.query import Query, Scope


@dataclass(frozen=True)
class Counters:
    """Which metric of the server's page sums what since its start (times in µs); empty: none does.

    Series with the label `ignored` count something else, such as readiness probes.
    """

    requests: str
    service_micros: str = ""
    queued: str = ""
    queue_micros: str = ""
    batches: str = ""
    rows: str = ""
    ignored: str = ""


@dataclass(frozen=True)
class Signals:
    """The PromQL of the server: `every` query, and those that dashboards of all servers draw.

    `latency` is the `statistic` (`p95`, `mean`) that the server tells. `slower`: the share of answers that
    take longer than some µs, where a histogram tells it. `loads`: what a scaler may aim at, by the names of
    the setting `autoscaling.metric`; see `stack.queries.load`.
    """

    every: Callable[[Scope], tuple[Query, ...]]
    requests: Callable[[Scope], Query]
    latency: Callable[[Scope], Query]
    statistic: str
    errors: Callable[[Scope], Query]
    slower: Callable[[Scope, float], Query] | None = None
    loads: Mapping[str, Callable[[Scope], Query]] = field(default_factory=dict)
