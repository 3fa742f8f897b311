"""Every setting of a stack, its default and its meaning.

Users set them in `Pulumi.<stack>.yaml` or by `pulumi config set [--path] KEY VALUE`; their namespace is
`emotion-serving`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from stack.schema import SettingsError, as_paths, given, parse
from stack.servers.tf_serving import Batching, TensorFlow
from stack.servers.torchserve import TorchServe
from stack.servers.triton import Triton
from stack.settings import contradictions
from stack.settings.gateway import Gateway, GatewayPlatform
from stack.settings.groups import (
    Availability,
    GrafanaSettings,
    KedaSettings,
    MetricsServerSettings,
    Platform,
    PrometheusSettings,
    Resources,
    ServiceSettings,
    Settings,
    Slo,
    Variant,
)
from stack.settings.placement import PlacementSettings
from stack.settings.scaling import Autoscaling, Behavior, Keda, ScalingPace
from stack.settings.vertical import Vpa, VpaSettings

__all__ = [
    "Autoscaling",
    "Availability",
    "Batching",
    "Behavior",
    "Gateway",
    "GatewayPlatform",
    "GrafanaSettings",
    "Keda",
    "KedaSettings",
    "MetricsServerSettings",
    "PlacementSettings",
    "Platform",
    "PrometheusSettings",
    "Resources",
    "ScalingPace",
    "ServiceSettings",
    "Settings",
    "Slo",
    "TensorFlow",
    "TorchServe",
    "Triton",
    "Variant",
    "Vpa",
    "VpaSettings",
    "read",
    "without_secrets",
]

REFUSED = {  # keys that one might expect, and why there are none
    "namespace": "remove it; the namespace is emotion-STACK, so name the stack as you like",
    "image": "remove it; images are built from the exported models and named by their content",
    "service.ingress": "set service.gateway in its place (className, host, tlsSecret): docs/gateway.md",
    "platform.grafana.adminPassword": "remove it; the password is generated and kept as a secret",
}


def read(raw: Mapping[str, object]) -> Settings:
    """Settings from the stack's configuration (keys without namespace).

    Raises SettingsError with every problem found.
    """
    raw, twice = as_paths(Settings, raw)
    settings, found = parse(Settings, raw)
    found += twice
    problems = [replace(problem, fix=REFUSED.get(problem.key, problem.fix)) for problem in found]
    wrong = {problem.key for problem in problems}
    for contradiction in contradictions.find(settings, given(raw)):
        if not _within(wrong, (contradiction.key, *contradiction.besides)):
            problems.append(contradiction)
    if problems:
        raise SettingsError(problems)
    return settings


def without_secrets(settings: Settings) -> Settings:
    """What anybody may read."""
    service, gateway = settings.service, settings.service.gateway
    shown = replace(service, gateway=replace(gateway, key=None)) if gateway else service
    return replace(settings, image_pull_secret=None, service=shown)


def _within(wrong: Collection[str], paths: Iterable[str]) -> bool:
    """Whether a path, or a group that it is in, is among the wrong ones: its value is not the user's then."""
    return any(path == key or path.startswith(key + ".") for path in paths for key in wrong)
