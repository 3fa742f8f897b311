"""Every query once, for golden files, the bench and the tests on a live Prometheus."""

from stack.queries import autoscaling, gateway, node, objectives, resources
from stack.queries.own import Signals
from stack.queries.query import AUTOSCALING, GATEWAY, Query, Scope
from stack.servers import SERVERS
from stack.settings import Settings


def of_servers() -> list[Signals]:
    """What the servers tell of themselves."""
    return [server.signals for server in SERVERS.values() if server.signals]


def latencies() -> str:
    """Which latency each server tells, in words."""
    told = (f"{server.title}'s {server.signals.statistic}" for server in SERVERS.values() if server.signals)
    return " and ".join(told)


def by_subject(scope: Scope) -> dict[str, tuple[Query, ...]]:
    """Every query that a dashboard draws or the bench asks, by what it tells of."""
    return {
        **{name: server.signals.every(scope) for name, server in SERVERS.items() if server.signals},
        "resources": resources.all_queries(scope),
        "autoscaling": autoscaling.all_queries(scope),
        "gateway": gateway.all_queries(scope),
        "objectives": objectives.all_queries(scope),
        "node": node.all_queries(scope),
    }


def all_queries(scope: Scope) -> tuple[Query, ...]:
    """Every query."""
    return tuple(query for queries in by_subject(scope).values() for query in queries)


def features(settings: Settings) -> frozenset[str]:
    """What queries may need and a stack has, failed requests aside."""
    own = {each for server in SERVERS.values() for each in server.features(settings.of(server))}
    door, scaling = settings.service.gateway, settings.horizontal
    gateway = (GATEWAY,) if door and door.is_traefik else ()
    scaled = (AUTOSCALING, scaling.scaler) if scaling else ()
    return frozenset({*settings.servers, *own, *gateway, *scaled})
