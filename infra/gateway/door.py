"""A stack's own way through a gateway: its Gateway, a route for each server, certificate, key and limits."""

from collections.abc import Sequence

from infra.certificate import secret
from infra.gateway import traefik
from infra.gateway.definitions import GROUP, TRAEFIK_GROUP
from stack.kube import GENERATED, KubeObject, digest, labels, meta, name_of, selector
from stack.namespaces import GATEWAY, Placement
from stack.outputs import USER
from stack.quantities import mebibytes
from stack.servers.server import ModelServer
from stack.settings import Gateway

NAME = "gateway"
CERTIFICATE, KEY_SECRET = f"{NAME}-certificate", f"{NAME}-key"
PORT = 443
LISTENER = "https"
# The stack is up once its gateway takes requests, not when it is merely declared.
AWAITED = {"pulumi.com/waitFor": "condition=Programmed"}


def objects(
    servers: Sequence[ModelServer], wanted: Gateway, placement: Placement, hosts: Sequence[str]
) -> tuple[KubeObject, ...]:
    """All of them. `hosts`: the names and addresses that clients may use, for a certificate that is made."""
    made = None if wanted.tls_secret else certificate(placement, hosts)
    shown = wanted.tls_secret or (name_of(made) if made else "")
    filters = middlewares(servers, wanted, placement) if wanted.is_traefik else ()
    return (
        *((made,) if made else ()),
        *((key_secret(wanted, placement),) if wanted.require_key else ()),
        *filters,
        *((usual_certificate(placement, shown),) if wanted.is_traefik and not wanted.host else ()),
        gateway(wanted, placement, shown),
        *(route(server, wanted, placement) for server in servers),
    )


def certificate(placement: Placement, hosts: Sequence[str]) -> KubeObject:
    """The Secret of a certificate that is made once; its name changes with the hosts."""
    name = f"{CERTIFICATE}-{digest({'hosts': ','.join(hosts)})}"
    return secret(meta(name, placement.namespace, _labels(placement)), hosts)


def key_secret(wanted: Gateway, placement: Placement) -> KubeObject:
    """The key, as Traefik reads it (Secrets of type kubernetes.io/basic-auth)."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta(KEY_SECRET, placement.namespace, _labels(placement)),
        "type": "kubernetes.io/basic-auth",
        "stringData": {"username": USER, "password": wanted.key or GENERATED},
    }


def usual_certificate(placement: Placement, name: str) -> KubeObject:
    """What Traefik shows to clients that ask for an address: TLS names no address (RFC 6066, section 3)."""
    return {
        "apiVersion": f"{TRAEFIK_GROUP}/v1alpha1",
        "kind": "TLSStore",
        "metadata": meta("default", placement.namespace, _labels(placement)),
        "spec": {"defaultCertificate": {"secretName": name}},
    }


def gateway(wanted: Gateway, placement: Placement, shown: str) -> KubeObject:
    """The Gateway: one TLS listener, for routes of the stack's own namespace."""
    listener: KubeObject = {
        "name": LISTENER,
        "port": traefik.PORT if wanted.is_traefik else PORT,
        "protocol": "HTTPS",
        **({"hostname": wanted.host} if wanted.host else {}),
        "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": shown}]},
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }
    metadata = meta(NAME, placement.namespace, _labels(placement))
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Gateway",
        "metadata": {**metadata, "annotations": AWAITED},
        "spec": {"gatewayClassName": wanted.class_name, "listeners": [listener]},
    }


def route(server: ModelServer, wanted: Gateway, placement: Placement) -> KubeObject:
    """What lies below the folder of the server's predict path goes to its pods, request by request."""
    folder = server.predict_path.rpartition("/")[0]
    rule: KubeObject = {
        "matches": [{"path": {"type": "PathPrefix", "value": folder}}],
        **({"filters": _filters(server, wanted)} if wanted.is_traefik else {}),
        "backendRefs": [{"name": server.component, "port": server.inference.number}],
        **({"timeouts": {"request": f"{wanted.timeout_seconds}s"}} if wanted.timeout_seconds else {}),
    }
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "HTTPRoute",
        "metadata": meta(server.component, placement.namespace, _labels(placement)),
        "spec": {"parentRefs": [{"name": NAME, "sectionName": LISTENER}], "rules": [rule]},
    }


def middlewares(
    servers: Sequence[ModelServer], wanted: Gateway, placement: Placement
) -> tuple[KubeObject, ...]:
    """The key and the limits, in Traefik's terms."""
    asked = {"secret": KEY_SECRET, "removeHeader": True, "realm": placement.stack}
    body = {"maxRequestBodyBytes": int(mebibytes(wanted.body_limit) * 2**20)}
    busy = {"amount": wanted.requests_in_flight}
    return (
        *((_middleware("key", {"basicAuth": asked}, placement),) if wanted.require_key else ()),
        _middleware("body-limit", {"buffering": body}, placement),
        *(
            _middleware(f"in-flight-{server.component}", {"inFlightReq": busy}, placement)
            for server in servers
            if wanted.requests_in_flight
        ),
    )


def _filters(server: ModelServer, wanted: Gateway) -> list[KubeObject]:
    """In the order in which a request passes them: who may not come in takes nobody's place."""
    names = (
        *(("key",) if wanted.require_key else ()),
        *((f"in-flight-{server.component}",) if wanted.requests_in_flight else ()),
        "body-limit",
    )
    return [
        {
            "type": "ExtensionRef",
            "extensionRef": {"group": TRAEFIK_GROUP, "kind": "Middleware", "name": f"{NAME}-{name}"},
        }
        for name in names
    ]


def _middleware(name: str, spec: KubeObject, placement: Placement) -> KubeObject:
    return {
        "apiVersion": f"{TRAEFIK_GROUP}/v1alpha1",
        "kind": "Middleware",
        "metadata": meta(f"{NAME}-{name}", placement.namespace, _labels(placement)),
        "spec": spec,
    }


def callers(wanted: Gateway) -> KubeObject | None:
    """The gateway's pods, as a peer of a NetworkPolicy; None where nobody knows them."""
    if wanted.namespace:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": wanted.namespace}}}
    if not wanted.is_traefik:
        return None
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": GATEWAY}},
        "podSelector": {"matchLabels": selector(traefik.NAME)},
    }


def _labels(placement: Placement) -> dict[str, str]:
    return labels(NAME, placement.stack)
