"""How busy all pods of a server are together: a scaler divides it by the number of pods.

By Little's law, the time that requests spend somewhere, in seconds a second, is the mean number of requests
that are there (J. D. C. Little, "A Proof for the Queuing Formula L = λW", 1961). A request counts when it is
answered, so a growing queue shows late by the time that an answer takes.
"""

from dataclasses import dataclass

from stack.queries.query import Query, Scope

IN_FLIGHT, QUEUE, RATE = "requestsInFlight", "queueLength", "requestRate"  # as the setting names them
UNITS = {IN_FLIGHT: "requests", QUEUE: "requests", RATE: "reqps"}
WORDS = {IN_FLIGHT: "requests in flight", QUEUE: "queue length", RATE: "request rate"}


@dataclass(frozen=True)
class Told:
    """What each pod tells: the expression of its value, and the series that it is made of."""

    value: str
    series: str


def rate(scope: Scope, metric: str, *matchers: str) -> Told:
    """A counter's increase a second."""
    return Told(scope.rate(metric, *matchers), f"{metric}{scope.pods(*matchers)}")


def at_once(scope: Scope, micros: str, *matchers: str) -> Told:
    """Requests at a time, of a counter of the µs that they spend."""
    spent = rate(scope, micros, *matchers)
    return Told(f"{spent.value} / 1e6", spent.series)


def gauge(scope: Scope, metric: str) -> Told:
    """What a pod tells as it is."""
    series = f"{metric}{scope.pods()}"
    return Told(series, series)


def total(load: str, told: Told, server: str, scope: Scope, *needs: str, title: str) -> Query:
    """A load over all pods of the component `server`.

    It is 0 where no pod has ever counted a request. It is nothing where that is not known: Prometheus reaches
    no pod, or has too few samples for a rate. What is not known must not look like no load.
    """
    pods = scope.pods(f'server="{server}"', 'job="serving"')
    idle = f"0 * sum by (namespace) (up{pods} == 1) unless sum by (namespace) ({told.series})"
    expression = f"sum by (namespace) ({told.value}) or ({idle})"
    return Query(f"{title} {WORDS[load]} of all pods", UNITS[load], expression, "all pods", needs)
