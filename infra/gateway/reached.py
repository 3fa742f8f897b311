"""Where a stack's gateway is reached, with which certificate and which key."""

import base64
from typing import cast
from urllib.parse import urlunsplit

import pulumi
import pulumi_kubernetes as k8s

from infra.declare import Declared
from infra.gateway import door as objects
from infra.gateway import traefik
from infra.serving import address as addresses
from stack.kube import KubeObject
from stack.namespaces import GATEWAY
from stack.outputs import OPEN, Door
from stack.recorded import part
from stack.settings import Gateway

PLATFORM = traefik.NAME  # the platform's component
SERVICE = f"/api/v1/namespaces/{GATEWAY}/services/{traefik.NAME}"
LOCAL = ("localhost", "127.0.0.1")


def hosts(wanted: Gateway, cluster: str, known: str | None) -> tuple[str, ...]:
    """For which a certificate is made: the gateway's own name, or its known address and this machine's."""
    if wanted.host:
        return (wanted.host,)
    at = (known.rpartition(":")[0],) if known else ()
    return tuple(dict.fromkeys((*at, cluster, *LOCAL)))


def of_service(service: KubeObject, cluster: str) -> str | None:
    """`host:port` of the platform's gateway as the cluster has it; None while it has no address."""
    ports = cast("list[KubeObject]", part(service, "spec").get("ports") or [{}])
    balancers = cast("list[KubeObject]", part(service, "status", "loadBalancer").get("ingress") or [{}])
    given = balancers[0].get("hostname") or balancers[0].get("ip")
    kind = str(part(service, "spec").get("type"))
    return addresses.address(kind, cluster, ports[0].get("nodePort"), given, traefik.SERVICE_PORT)


def address(platform: Declared | None, known: str | None, cluster: str) -> pulumi.Output[str | None]:
    """`host:port` of the platform's gateway: the one that this stack declares, or the cluster's."""
    service = platform.declared[f"Service/{traefik.NAME}"] if platform else None
    if not isinstance(service, k8s.core.v1.Service):
        return pulumi.Output.from_input(known)
    base = addresses.base_url(service, traefik.SERVICE_PORT, cluster)
    return base.apply(lambda found: found.removeprefix("http://") if found else None)


def url(wanted: Gateway, found: str | None, path: str) -> str | None:
    """Where predictions are asked. `found`: `host:port` of the platform's gateway, where it is the one."""
    if not wanted.is_traefik or (wanted.host and found is None):
        return urlunsplit(("https", str(wanted.host), path, "", ""))
    if found is None:
        return None
    host, _, port = found.rpartition(":")
    own = f"{wanted.host or host}:{port}".removesuffix(f":{traefik.SERVICE_PORT}")
    return urlunsplit(("https", own, path, "", ""))


def door(gate: Declared | None, wanted: Gateway | None) -> pulumi.Output[Door]:
    """What clients must know of it; the certificate that was made is no secret."""
    if gate is None or wanted is None:
        return pulumi.Output.from_input(OPEN)
    made = [
        value for name, value in gate.declared.items() if name.startswith(f"Secret/{objects.CERTIFICATE}")
    ]
    found = pulumi.Output.unsecret(_text(made[0], "tls.crt")) if made else pulumi.Output.from_input(None)
    return found.apply(lambda certificate: Door(certificate, wanted.require_key))


def key(gate: Declared | None) -> pulumi.Output[str] | None:
    """The key, a secret; None where none is asked for."""
    secret = gate.declared.get(f"Secret/{objects.KEY_SECRET}") if gate else None
    return _text(secret, "password") if secret else None


def _text(secret: pulumi.CustomResource, name: str) -> pulumi.Output[str]:
    assert isinstance(secret, k8s.core.v1.Secret)
    found: pulumi.Output[str] = secret.data.apply(lambda data: base64.b64decode(data[name]).decode())
    return found
