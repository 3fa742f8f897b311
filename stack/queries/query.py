"""A query, and over which series and which time it is asked."""

from dataclasses import dataclass, replace

# What some queries need of a stack; the first three are names in the setting `servers`.
TENSORFLOW, TORCHSERVE, TRITON = "tensorflow", "torchserve", "triton"
BATCHING, AUTOSCALING, GATEWAY = "batching", "autoscaling", "gateway"
HPA, KEDA = "hpa", "keda"  # which autoscaler: on CPU, or on a load
ERRORS, FAULTS = "errors", "faults"  # requests that failed by the client's or by the server's fault


@dataclass(frozen=True)
class Query:
    """A named query.

    `unit` is Grafana's identifier of the result's unit (`µs`, `percentunit`, `reqps`) or a word of its own
    (`rows`, `pods`). `legend` names a series by its labels. `needs` lists what a stack must have (servers,
    batching, autoscaling and its scaler, a gateway, failed requests) for there to be a value.
    """

    name: str
    unit: str
    promql: str
    legend: str = "{{pod}}"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Which series, by label matchers, and the window of rates as PromQL writes it.

    Metrics of an object that is no pod have no label `pod`; `of_namespace` leaves that matcher out.
    """

    window: str
    of_namespace: tuple[str, ...] = ()
    of_pods: tuple[str, ...] = ()

    def pods(self, *more: str) -> str:
        """The selector of pods' series, with further matchers."""
        return "{" + ",".join((*self.of_namespace, *self.of_pods, *more)) + "}"

    def namespace(self, *more: str) -> str:
        """The selector of a namespace's series, with further matchers."""
        return "{" + ",".join((*self.of_namespace, *more)) + "}"

    def rate(self, metric: str, *more: str) -> str:
        """Increase a second of a pod's counter."""
        return f"rate({metric}{self.pods(*more)}[{self.window}])"


# Grafana's variables. $__rate_interval is at least four scrapes of the data source.
DASHBOARD = Scope("$__rate_interval", ('namespace="$namespace"',), ('pod=~"$pod"',))


def everywhere(scrape_seconds: int) -> Scope:
    """All stacks; rates over four scrapes, so that one lost scrape leaves a value."""
    return Scope(f"{4 * scrape_seconds}s")


def of_stack(namespace: str, scrape_seconds: int) -> Scope:
    """One stack, by the namespace of its servers."""
    return Scope(f"{4 * scrape_seconds}s", (f'namespace="{namespace}"',))


def over(seconds: int, scope: Scope) -> Scope:
    """The same series; rates over another time."""
    return replace(scope, window=f"{seconds}s")


def quotient(numerator: str, denominator: str, by: str) -> str:
    """The ratio of two expressions' sums; `by` names the labels that stay."""
    return f"sum by ({by}) ({numerator}) / sum by ({by}) ({denominator})"


def quantile(share: float, buckets: str, by: str) -> str:
    """A histogram's quantile, of the rates of its buckets."""
    labels = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({share:g}, sum by ({labels}) ({buckets}))"
