"""The gateway before a stack: does it do what its objects say, and does it keep out who has no key?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import requests

from bench.subject.asking import post
from bench.subject.deployed import Deployed
from bench.subject.findings import Block, Finding, same, unreadable
from bench.subject.objects import Condition, at, conditions, items, text
from stack.outputs import Endpoint
from stack.servers.server import JSON

GROUP = "/apis/gateway.networking.k8s.io/v1/namespaces"
SECONDS = 10.0
UNAUTHORIZED = requests.codes.unauthorized


@dataclass(frozen=True)
class Gate:
    """What was seen. `gateway` and `routes` (by Deployment): their conditions.

    `refused`: by server, the status of a request without the key, or the error's name; empty where none is
    asked for.
    """

    gateway: Mapping[str, Condition]
    routes: Mapping[str, Mapping[str, Condition]]
    refused: Mapping[str, str] = field(default_factory=dict)


def look(stack: Deployed) -> Gate | None:
    """None for a stack without one. Raises ClusterError."""
    if stack.settings.service.gateway is None:
        return None
    where = f"{GROUP}/{stack.outputs.namespace}"
    gateways = items(stack.cluster.get(f"{where}/gateways"), "items")
    routes = items(stack.cluster.get(f"{where}/httproutes"), "items")
    found = {text(each, "metadata", "name"): _of_parent(each) for each in routes}
    endpoints = stack.outputs.endpoints
    return Gate(
        gateway=conditions(gateways[0]) if gateways else {},
        routes={each.deployment: found.get(each.deployment, {}) for each in endpoints},
        refused={each.server: without_key(each) for each in endpoints if each.door.keyed},
    )


def _of_parent(route: object) -> Mapping[str, Condition]:
    parents = items(route, "status", "parents")
    return conditions({"status": {"conditions": at(parents[0], "conditions")}}) if parents else {}


def without_key(endpoint: Endpoint) -> str:
    """What the gateway says to a request that lacks the key."""
    try:
        reply = post(endpoint.url or "", b"{}", JSON, seconds=SECONDS, door=replace(endpoint.door, key=""))
    except requests.RequestException as error:
        return type(error).__name__
    return str(reply.status_code)


def block(gate: Gate) -> Block:
    """All findings on the gateway."""
    return Block("gateway", tuple(_findings(gate)))


def _findings(gate: Gate) -> Iterable[Finding]:
    yield _holds("Programmed", gate.gateway)
    for name, found in gate.routes.items():
        for condition in ("Accepted", "ResolvedRefs"):
            finding = _holds(condition, found)
            yield replace(finding, what=f"route {name}: {finding.what}")
    for server, status in gate.refused.items():
        yield same(f"{server} without the key", str(UNAUTHORIZED), status)


def _holds(name: str, found: Mapping[str, Condition]) -> Finding:
    if name not in found:
        return unreadable(name, "no controller has answered; is its GatewayClass in the cluster?")
    told, ok = found[name], found[name].status == "True"
    return Finding(name, "True", told.status if ok else told.message, ok)
