"""The provider's own configuration; Pulumi hands every value over as a string."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from embedded.plugins.calls import Change, Checked, Difference, Edit, Failure
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes import kubeconfig
from embedded.plugins.kubernetes.kinds import Mutability
from embedded.plugins.values import Object, Unknown, Value, as_text, has_unknown, reveal

TEXTS = ("kubeconfig", "context", "cluster", "namespace", "clusterIdentifier")
SWITCHES = (
    "upsertExistingObjects",
    "enableConfigMapMutable",
    "enableSecretMutable",
    "enablePatchForce",
    "deleteUnreachable",
    "enableServerSideApply",
)
IGNORED = ("version", "pluginDownloadURL", "suppressDeprecationWarnings", "suppressHelmHookWarnings")


@dataclass(frozen=True)
class Settings:
    """What Configure was given; environment variables of upstream's names fill what is missing."""

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    upsert: bool = False
    mutability: Mutability = field(default_factory=Mutability)
    patch_force: bool = False
    delete_unreachable: bool = False


def from_config(config: Object, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the checked configuration."""

    def text(key: str, variable: str) -> str:
        return as_text(reveal(config.get(key))) or environment.get(variable, "")

    def switch(key: str, variable: str) -> bool:
        value = _switch(reveal(config.get(key)))
        return environment.get(variable, "").lower() in ("true", "1") if value is None else value

    return Settings(
        kubeconfig=text("kubeconfig", "KUBECONFIG"),
        context=text("context", "PULUMI_K8S_CONTEXT"),
        cluster=text("cluster", "PULUMI_K8S_CLUSTER"),
        namespace=text("namespace", "PULUMI_K8S_NAMESPACE"),
        upsert=switch("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        mutability=Mutability(
            config_maps=switch("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
            secrets=switch("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        ),
        patch_force=switch("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        delete_unreachable=switch("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    )


def _switch(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(as_text(value).lower())


def check(news: Object) -> Checked:
    """Refuse what this plugin does not serve, by name; the configuration itself stays as it is."""
    failures = [_problem(key, reveal(value)) for key, value in news.items()]
    return Checked(news, tuple(failure for failure in failures if failure))


def _problem(key: str, value: Value) -> Failure | None:
    if key in IGNORED or isinstance(value, Unknown):
        return None
    if key in TEXTS:
        return None if isinstance(value, str) else Failure(key, "expected a string")
    if key not in SWITCHES:
        served = ", ".join((*TEXTS, *SWITCHES))
        return Failure(key, f"not served by the embedded kubernetes plugin; it knows {served}")
    if _switch(value) is None:
        return Failure(key, f"expected true or false, got {value}")
    if key == "enableServerSideApply" and _switch(value) is False:
        return Failure(key, "the embedded kubernetes plugin knows server-side apply only; leave it out")
    return None


def difference(olds: Object, news: Object) -> Difference:
    """What a changed configuration does: only another cluster replaces the provider and its objects."""
    ignored = ("version", "pluginDownloadURL")
    keys = [key for key in sorted({*olds, *news} - {*ignored}) if olds.get(key) != news.get(key)]
    replaces = _other_cluster(olds, news, keys)
    return Difference(tuple(Change((key,), _edit(key, olds, news), key in replaces) for key in keys))


def _edit(key: str, olds: Object, news: Object) -> Edit:
    if key not in olds:
        return Edit.ADD
    return Edit.UPDATE if key in news else Edit.DELETE


def _other_cluster(olds: Object, news: Object, changed: list[str]) -> tuple[str, ...]:
    if "clusterIdentifier" in changed:
        return ("clusterIdentifier",)
    if news.get("clusterIdentifier"):
        return ()
    suspects = tuple(key for key in ("kubeconfig", "context", "cluster") if key in changed)
    if any(has_unknown(news.get(key)) for key in suspects):
        return suspects
    old, new = _cluster_entry(olds), _cluster_entry(news)
    return suspects if suspects and old and new and old != new else ()


def _cluster_entry(config: Object) -> Object | None:
    """The active cluster's entry; None where it cannot be told, which must not replace every object."""
    settings = from_config(config)
    try:
        return kubeconfig.load(settings.kubeconfig, settings.context, settings.cluster).cluster_entry
    except PluginError:
        return None
