"""Which address a LoadBalancer Service gets: stable, and never one that another Service has. Pure."""

import hashlib
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from embedded.cluster.layout import LOAD_BALANCER_CIDR


@dataclass(frozen=True)
class Service:
    """What matters of a Service. `addresses` are those of its status, `requested` is spec.loadBalancerIP."""

    namespace: str
    name: str
    wants_address: bool
    addresses: tuple[str, ...] = ()
    requested: str = ""


@dataclass(frozen=True)
class Assignment:
    """The address a Service is to have from now on; None takes it away."""

    service: Service
    address: str | None


class PoolExhaustedError(Exception):
    """Every address of the pool is taken."""


def pool(cidr: str = LOAD_BALANCER_CIDR) -> tuple[str, ...]:
    return tuple(str(address) for address in ipaddress.ip_network(cidr).hosts())


def assignments(services: Collection[Service]) -> tuple[Assignment, ...]:
    """What has to change so that every Service that wants an address has exactly one, and no two the same.

    Of two Services with the same address the first by namespace and name keeps it.
    """
    ordered = sorted(services, key=lambda service: (service.namespace, service.name))
    changes = [
        Assignment(service, None) for service in ordered if service.addresses and not service.wants_address
    ]
    wanting = [service for service in ordered if service.wants_address]
    kept: dict[str, Service] = {}
    for service in wanting:
        if _is_settled(service):
            kept.setdefault(service.addresses[0], service)
    settled = set(kept.values())
    taken = set(kept)
    for service in wanting:
        if service not in settled:
            address = choose(service, taken)
            taken.add(address)
            changes.append(Assignment(service, address))
    return tuple(changes)


def _is_settled(service: Service) -> bool:
    wish = service.requested
    return (
        len(service.addresses) == 1 and service.addresses[0] in pool() and wish in {"", service.addresses[0]}
    )


def choose(service: Service, taken: Collection[str]) -> str:
    """The requested address if it is free; else the first free one after a place that the name determines.

    So a Service that is deleted and made anew has its former address.

    Raises PoolExhaustedError.
    """
    addresses = pool()
    if service.requested in addresses and service.requested not in taken:
        return service.requested
    digest = hashlib.sha256(f"{service.namespace}/{service.name}".encode()).digest()
    start = int.from_bytes(digest[:4], "big") % len(addresses)
    for address in (*addresses[start:], *addresses[:start]):
        if address not in taken:
            return address
    raise PoolExhaustedError(f"all {len(addresses)} addresses of {LOAD_BALANCER_CIDR} are taken")
