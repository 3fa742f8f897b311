"""Where a Service is reached from this machine, without kubectl port-forward."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s


def base_url(service: k8s.core.v1.Service, port: int, host: str) -> pulumi.Output[str | None]:
    """`http://host:port` of a Service's first port, once it has an address; None within the cluster only."""

    def known(values: Sequence[object]) -> str | None:
        kind, node_port, ingress = values
        found = address(str(kind), host, node_port, ingress, port)
        return f"http://{found}" if found else None

    ingress = service.status.apply(_ingress)
    node_port = service.spec.ports.apply(lambda ports: ports[0].node_port if ports else None)
    return pulumi.Output.all(service.spec.type, node_port, ingress).apply(known)


def address(kind: str, host: str, node_port: object, ingress: object, port: int) -> str | None:
    """`host:port` of a Service: a load balancer's address, else the node's port, else None."""
    if kind == "LoadBalancer" and ingress:
        return f"{ingress}:{port}"
    if kind in ("NodePort", "LoadBalancer") and node_port:
        return f"{host}:{node_port}"
    return None


def _ingress(status: k8s.core.v1.outputs.ServiceStatus | None) -> str | None:
    balancer = status.load_balancer if status else None
    first = balancer.ingress[0] if balancer and balancer.ingress else None
    return (first.hostname or first.ip) if first else None
