"""What can be known of KEDA and VPA before anything is declared: pure decisions over what the cluster has."""

from collections.abc import Collection, Mapping, Sequence

from stack import namespaces
from stack.endings import DEPLOY_KEDA, DEPLOY_VPA
from stack.settings import Settings, scaling


def keda(settings: Settings, external_api: str | None, known: bool | None) -> list[str]:
    """Exactly one program serves external.metrics.k8s.io, and scaler keda needs KEDA.

    `external_api`: the namespace of that program, empty without one; `known`: whether there can be
    ScaledObjects; None where the cluster did not tell.
    """
    declared = scaling.KEDA in settings.platform.extras
    if declared and external_api not in (None, "", namespaces.KEDA):
        return [
            "platform.keda.enabled: expected false, got true; the cluster has another source of external "
            f"metrics in {external_api}, set it to false or take that away"
        ]
    if _wants(settings, scaling.KEDA) and not declared and known is False:
        return [f"autoscaling.scaler: expected a cluster with KEDA for keda, got none; {DEPLOY_KEDA}"]
    return []


def vpa(stack: str, settings: Settings, known: Mapping[str, str] | None) -> list[str]:
    """A cluster has one VPA, and scaler vpa needs it. `known`: its kind, with the stack that declares it."""
    declared = scaling.VPA in settings.platform.extras
    foreign = {owner or "nobody here" for owner in (known or {}).values()} - {stack}
    if declared and foreign:
        return [
            "platform.vpa.enabled: expected false, got true; the cluster has a VPA of "
            f"{', '.join(sorted(foreign))}, set it to false or take that away"
        ]
    if _wants(settings, scaling.VPA) and not declared and known == {}:
        return [f"autoscaling.scaler: expected a cluster with VPA for vpa, got none; {DEPLOY_VPA}"]
    return []


def _wants(settings: Settings, scaler: str) -> bool:
    return settings.autoscaling is not None and settings.autoscaling.scaler == scaler


def in_use(
    stack: str,
    namespace: str,
    declared: Collection[str],
    owners: Mapping[str, str] | None,
    users: Sequence[str] | None,
) -> list[str]:
    """A scaler's program goes after the last object that it serves: without it none can be deleted well.

    `declared`: the namespaces that the stack declares; `owners`: the stack of each that there is;
    `users`: the namespaces with objects of the scaler.
    """
    if (owners or {}).get(namespace) != stack or namespace in declared or not users:
        return []
    name = namespace.removeprefix(namespaces.PREFIX)
    return [
        f"platform.{name}.enabled: expected true while {', '.join(users)} scale by {name.upper()}, got "
        "false; first give their stacks another autoscaling.scaler, or destroy them"
    ]
