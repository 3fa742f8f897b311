"""What scales a server. A scaler is a file here and a line below; stack.settings.scaling has its settings."""

from collections.abc import Callable
from dataclasses import dataclass

from infra.serving.scalers import hpa, keda, vpa
from stack.kube import KubeObject
from stack.namespaces import Placement
from stack.servers.server import ModelServer
from stack.settings import Settings
from stack.settings.scaling import HPA, KEDA, VPA


@dataclass(frozen=True)
class Scaler:
    """`objects` scale a server's Deployment; `autoscaler` names the HorizontalPodAutoscaler that results."""

    objects: Callable[[ModelServer, Settings, Placement], tuple[KubeObject, ...]]
    autoscaler: Callable[[str], str | None]


SCALERS = {
    HPA: Scaler(hpa.objects, hpa.name),
    KEDA: Scaler(keda.objects, keda.name),
    VPA: Scaler(vpa.objects, vpa.name),
}


def objects(server: ModelServer, settings: Settings, placement: Placement) -> tuple[KubeObject, ...]:
    """What scales a server; nothing without autoscaling."""
    wanted = settings.autoscaling
    return SCALERS[wanted.scaler].objects(server, settings, placement) if wanted else ()


def autoscaler(component: str, settings: Settings) -> str | None:
    """The HorizontalPodAutoscaler that owns the number of a server's pods; None where it is fixed."""
    wanted = settings.autoscaling
    return SCALERS[wanted.scaler].autoscaler(component) if wanted else None
