"""The settings of a gateway: the platform's, which all stacks share, and a stack's own way through one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from stack.quantities import Memory
from stack.rules import Flag, OneOf, Secret, Text, Whole
from stack.schema import Problem, setting
from stack.servers.server import MOST_BODY

DNS_NAME = r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?"
HOST = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+"
TRAEFIK = "traefik"
GATEWAY = "gateway"  # the name of its groups of settings
AT = "service.gateway"
# What only Traefik does: Gateway API has no words for it.
OF_TRAEFIK = ("requireKey", "key", "bodyLimit", "requestsInFlight")


@dataclass(frozen=True)
class Gateway:
    """A door before the servers (Gateway API): TLS, a key, limits; nothing else is published."""

    class_name: str = setting(
        TRAEFIK, Text(DNS_NAME, "the name of a GatewayClass"), "GatewayClass; `traefik` is the platform's"
    )
    host: str | None = setting(
        None,
        Text(HOST, "a host name such as emotions.example.com"),
        "host name of the requests; unset: any, with Traefik",
    )
    tls_secret: str | None = setting(
        None,
        Text(DNS_NAME, "the name of a Secret"),
        "certificate, in the stack's namespace; unset: one is made that signs itself",
    )
    require_key: bool = setting(
        True, Flag(), "requests without the key get 401; false where something else asks who it is"
    )
    key: str | None = setting(
        None,
        Secret(),
        "the key that clients send; set it with --secret; unset: one is made and kept as a secret",
    )
    body_limit: str = setting(
        f"{MOST_BODY // 2**20}Mi", Memory(), "largest body of a request, others get 413; Traefik only"
    )
    requests_in_flight: int | None = setting(
        None, Whole(1, 100_000), "requests at a time of a server, others get 429; unset: any; Traefik only"
    )
    timeout_seconds: int | None = setting(
        None,
        Whole(1, 3600),
        "longest request, 504 after it, where the GatewayClass keeps HTTPRoute timeouts; Traefik: "
        "platform.gateway.timeoutSeconds",
    )
    namespace: str | None = setting(
        None,
        Text(DNS_NAME, "the name of a namespace"),
        "where the gateway's pods run, which alone may ask the servers; unset: Traefik's, any for others",
    )

    @property
    def is_traefik(self) -> bool:
        """The platform's own, which does what Gateway API has no words for."""
        return self.class_name == TRAEFIK


@dataclass(frozen=True)
class GatewayPlatform:
    """The platform's gateway, Traefik; any stack of the cluster may set `service.gateway`."""

    enabled: bool = setting(False, Flag(), "declare Traefik and the GatewayClass traefik")
    definitions: bool = setting(
        True, Flag(), "declare Gateway API's kinds too; false: the cluster has them, as GKE's does"
    )
    service_type: str = setting("NodePort", OneOf(("NodePort", "LoadBalancer")), "type of its Service")
    replicas: int = setting(1, Whole(1, 50), "pods of Traefik; each counts requests in flight for itself")
    timeout_seconds: int = setting(30, Whole(1, 3600), "a server must begin to answer within, 504 after it")
    idle_seconds: int = setting(180, Whole(1, 3600), "a client's idle connection is closed after")


def addressless(gateway: Gateway | None, platform: GatewayPlatform) -> Iterator[Problem]:
    """A certificate is made before a load balancer has an address."""
    if gateway and platform.service_type == "LoadBalancer" and not (gateway.host or gateway.tls_secret):
        at = "platform.gateway.serviceType"
        fix = "set the name under which clients reach it"
        yield Problem(f"{AT}.host", f"a host name with {at} LoadBalancer", "nothing", fix, (at,))


def contradictions(
    gateway: Gateway | None, kind: str, *, publish_metrics: bool, given: Collection[str]
) -> Iterator[Problem]:
    """What cannot be together with a gateway. `kind`: service.type; `given`: the paths that a stack sets."""
    if gateway is None:
        return
    if "service.type" in given and kind != "ClusterIP":
        fix = f"remove it; {AT} is the only way in"
        yield Problem("service.type", f"ClusterIP behind {AT}", kind, fix, (AT,))
    if publish_metrics:
        fix = f"remove it; behind {AT} nothing but predictions is published"
        yield Problem("service.publishMetrics", f"false behind {AT}", "true", fix, (AT,))
    if gateway.key and not gateway.require_key:
        fix = "remove it, or requireKey"
        yield Problem(
            f"{AT}.key", "nothing while requireKey is false", "a secret", fix, (f"{AT}.requireKey",)
        )
    yield from _of_traefik(gateway) if gateway.is_traefik else _of_others(gateway, given)


def _of_traefik(gateway: Gateway) -> Iterator[Problem]:
    if gateway.timeout_seconds is not None:
        fix = "Traefik has one for all stacks: set platform.gateway.timeoutSeconds in that of the platform"
        got = str(gateway.timeout_seconds)
        yield Problem(f"{AT}.timeoutSeconds", "nothing with Traefik", got, fix, (f"{AT}.className",))


def _of_others(gateway: Gateway, given: Collection[str]) -> Iterator[Problem]:
    other, besides = gateway.class_name, (f"{AT}.className",)
    if gateway.host is None:
        fix = "set the name under which clients reach it"
        yield Problem(f"{AT}.host", f"a host name with the GatewayClass {other}", "nothing", fix, besides)
    if gateway.require_key:
        fix = f"set it to false, and let {other} ask who it is in its own way"
        expected = f"false with the GatewayClass {other}: Gateway API has no keys"
        yield Problem(f"{AT}.requireKey", expected, "true", fix, besides)
    for name in OF_TRAEFIK[1:]:
        if f"{AT}.{name}" in given:
            expected = f"nothing with the GatewayClass {other}: Gateway API has no words for it"
            yield Problem(f"{AT}.{name}", expected, "a value", "remove it", besides)
