"""How busy all pods of a server are together: a scaler divides it by the number of pods.

By Little's law, the time that requests spend somewhere, in seconds a second, is the mean number of requests
that are there (J. D. C. Little, "A Proof for the Queuing Formula L = λW", 1961). A request counts when it is
answered, so a growing queue shows late by the time that an answer takes.
"""

from stack.queries.query import Query, Scope

IN_FLIGHT, QUEUE, RATE = "requestsInFlight", "queueLength", "requestRate"  # as the setting names them
UNITS = {IN_FLIGHT: "requests", QUEUE: "requests", RATE: "reqps"}
WORDS = {IN_FLIGHT: "requests in flight", QUEUE: "queue length", RATE: "request rate"}


def number(micros: str) -> str:
    """Requests at a time, of a rate of the µs that they spend."""
    return f"{micros} / 1e6"


def total(load: str, of_pods: str, server: str, scope: Scope, *needs: str, title: str) -> Query:
    """A load over all pods of the component `server`, of its expression for each.

    It is 0 while none has counted a request, and nothing while Prometheus reaches none of them: what is not
    known must not look like no load.
    """
    pods = scope.pods(f'server="{server}"', 'job="serving"')
    expression = f"sum by (namespace) ({of_pods}) or 0 * sum by (namespace) (up{pods} == 1)"
    return Query(f"{title} {WORDS[load]} of all pods", UNITS[load], expression, "all pods", needs)
