"""What can be known of gateways before anything is declared: pure decisions over what the cluster has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from infra.gateway.definitions import GROUP, TRAEFIK_GROUP
from stack.kube import KubeObject, name_of
from stack.namespaces import PREFIX
from stack.recorded import part
from stack.settings import Settings
from stack.settings.gateway import GATEWAY

AT = "service.gateway"
CLASSES, GATEWAYS = f"/apis/{GROUP}/v1/gatewayclasses", f"/apis/{GROUP}/v1/gateways"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SIGNS = (f"gateways.{GROUP}", f"middlewares.{TRAEFIK_GROUP}")  # one kind of each group stands for all


@dataclass(frozen=True)
class Known:
    """A Gateway of the cluster; `host` is empty where it takes requests of any."""

    namespace: str
    class_name: str
    host: str


def known(items: Sequence[KubeObject]) -> tuple[Known, ...]:
    """The Gateways of a list, one of them for each listener."""
    return tuple(
        Known(
            str(part(item, "metadata")["namespace"]),
            str(spec["gatewayClassName"]),
            str(each.get("hostname", "")),
        )
        for item in items
        for spec in (part(item, "spec"),)
        for each in cast("list[KubeObject]", spec.get("listeners") or [])
    )


def missing_class(
    settings: Settings, declared: Sequence[KubeObject], classes: frozenset[str] | None
) -> list[str]:
    """The GatewayClass must be there, or come with the stack's own platform."""
    wanted = settings.service.gateway
    own = {name_of(item) for item in declared if item["kind"] == "GatewayClass"}
    if wanted is None or classes is None or wanted.class_name in classes | own:
        return []
    have = ", ".join(sorted(classes)) or "none"
    fix = (
        "deploy it with the platform first: pulumi config set --path platform.gateway.enabled true --stack "
        "minikube && make up"
        if wanted.is_traefik
        else "name one of them or install its controller"
    )
    return [
        f'{AT}.className: expected a GatewayClass of the cluster ({have}), got "{wanted.class_name}"; {fix}'
    ]


def shared_host(stack: str, settings: Settings, gateways: Sequence[Known] | None) -> list[str]:
    """Two Gateways of Traefik share its ports: only their hosts tell requests apart."""
    wanted = settings.service.gateway
    if wanted is None or not wanted.is_traefik:
        return []
    host = wanted.host or ""
    same = (each for each in gateways or () if (each.class_name, each.host) == (wanted.class_name, host))
    others = sorted({each.namespace for each in same} - {f"{PREFIX}{stack}"})
    if not others:
        return []
    got = f'"{host}"' if host else "nothing"
    return [
        f"{AT}.host: expected another host than that of the Gateway in {others[0]}, got {got}; set one, or "
        f"destroy that stack"
    ]


def foreign_definitions(stack: str, settings: Settings, owners: Mapping[str, str] | None) -> Iterator[str]:
    """Kinds that are somebody else's are not taken over. `owners`: the stack of each of SIGNS, if any."""
    platform, (gateway_api, of_traefik) = settings.platform, SIGNS
    if GATEWAY not in platform.extras:
        return
    others = {name: owner for name, owner in (owners or {}).items() if owner != stack}
    if gateway_api in others and platform.gateway.definitions:
        yield (
            "platform.gateway.definitions: expected false in a cluster that has Gateway API, got true; set "
            f"it: pulumi config set --path platform.gateway.definitions false --stack {stack}"
        )
    if of_traefik in others:
        yield (
            "platform.gateway.enabled: expected false in a cluster that has Traefik's kinds, got true; use "
            f"its GatewayClass as {AT}.className, or remove that Traefik with its CustomResourceDefinitions"
        )
