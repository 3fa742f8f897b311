"""The gateway, by the Services behind it: the same histogram for every server, also for one without its own.

Traefik's metrics of a Service, from which Prometheus takes the labels `namespace` and `server`, the name of
its Deployment. A request counts once it has passed key and limits; its duration ends with the answer.
"""

from stack.queries.query import ERRORS, GATEWAY, Query, Scope, quantile

DURATION = "traefik_service_request_duration_seconds"
REQUESTS = "traefik_service_requests_total"


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query of this module."""
    return (
        requests(scope),
        *(latency(scope, share) for share in (0.5, 0.95, 0.99)),
        failures(scope),
        error_ratio(scope),
    )


def requests(scope: Scope) -> Query:
    """Requests a second that reach each server."""
    expression = f"sum by (server) ({_rate(scope, REQUESTS)})"
    return Query("gateway requests", "reqps", expression, "{{server}}", (GATEWAY,))


def latency(scope: Scope, share: float) -> Query:
    """A percentile of the time that the gateway waits for a server, by server."""
    name = f"p{100 * share:.0f}"
    expression = quantile(share, _rate(scope, f"{DURATION}_bucket"), "server")
    return Query(f"gateway {name} latency", "s", expression, f"{{{{server}}}} {name}", (GATEWAY,))


def failures(scope: Scope) -> Query:
    """Answers a second with a status of 400 and above, by server and status."""
    expression = f"""sum by (server, code) ({_rate(scope, REQUESTS, 'code=~"4..|5.."')})"""
    return Query("gateway failed answers", "reqps", expression, "{{server}} {{code}}", (GATEWAY, ERRORS))


def error_ratio(scope: Scope) -> Query:
    """Answers of the server's fault, or of no server that answers, among all."""
    total = f"sum by (server) ({_rate(scope, REQUESTS)})"
    bad = f"""sum by (server) ({_rate(scope, REQUESTS, 'code=~"5.."')})"""
    return Query(
        "gateway error ratio", "percentunit", f"({bad} or 0 * {total}) / {total}", "{{server}}", (GATEWAY,)
    )


def slower(scope: Scope, deployment: str, seconds: float) -> Query:
    """Share of a server's answers above one of the histogram's bounds. Prometheus 3 writes 1 as 1.0."""
    bound = f'le=~"{seconds:g}([.]0)?"'
    own = f'server="{deployment}"'
    within = f"sum by (namespace) ({_rate(scope, f'{DURATION}_bucket', own, bound)})"
    count = f"sum by (namespace) ({_rate(scope, f'{DURATION}_count', own)})"
    name = f"gateway answers of {deployment} above {seconds:g} s"
    return Query(name, "percentunit", f"1 - {within} / {count}", needs=(GATEWAY,))


def _rate(scope: Scope, metric: str, *more: str) -> str:
    return f"rate({metric}{scope.namespace(*more)}[{scope.window}])"
