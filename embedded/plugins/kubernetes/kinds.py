"""The kinds that this plugin serves, and what each needs: its REST name, its scope, what replaces it.

Replacement paths are those upstream's plugin (4.34.2) showed for one change to each kind.
"""

from dataclasses import dataclass

from embedded.plugins.paths import Path
from embedded.plugins.values import Object, as_text, dig

IDENTITY: tuple[Path, ...] = (("metadata", "name"), ("metadata", "namespace"))


@dataclass(frozen=True)
class Kind:
    """One kind of Kubernetes object."""

    api_version: str
    name: str
    plural: str
    namespaced: bool = True
    replaced_by: tuple[Path, ...] = ()

    @property
    def token(self) -> str:
        """Pulumi's resource type."""
        module = self.api_version if "/" in self.api_version else f"core/{self.api_version}"
        return f"kubernetes:{module}:{self.name}"


RBAC = "rbac.authorization.k8s.io/v1"
KINDS = (
    Kind("v1", "Namespace", "namespaces", namespaced=False),
    Kind("v1", "ConfigMap", "configmaps", replaced_by=(("data",), ("binaryData",))),
    Kind("v1", "Secret", "secrets", replaced_by=(("type",), ("data",), ("stringData",))),
    Kind("v1", "ServiceAccount", "serviceaccounts"),
    Kind("v1", "Service", "services", replaced_by=(("spec", "clusterIP"),)),
    Kind(
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        replaced_by=(
            ("spec", "accessModes"),
            ("spec", "storageClassName"),
            ("spec", "volumeName"),
            ("spec", "selector"),
        ),
    ),
    Kind("apps/v1", "Deployment", "deployments", replaced_by=(("spec", "selector"),)),
    Kind(RBAC, "Role", "roles"),
    Kind(RBAC, "RoleBinding", "rolebindings", replaced_by=(("roleRef",),)),
    Kind(RBAC, "ClusterRole", "clusterroles", namespaced=False),
    Kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False, replaced_by=(("roleRef",),)),
    Kind("apiregistration.k8s.io/v1", "APIService", "apiservices", namespaced=False),
    Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    Kind("networking.k8s.io/v1", "Ingress", "ingresses"),
    Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
)
BY_TOKEN = {kind.token: kind for kind in KINDS}


@dataclass(frozen=True)
class Mutability:
    """The provider's switches that keep changed data from replacing an object."""

    config_maps: bool = False
    secrets: bool = False


def replacement_paths(kind: Kind, live: Object, mutability: Mutability) -> tuple[Path, ...]:
    """The paths whose change needs a new object, given the object as it was last seen."""
    paths = kind.replaced_by
    if kind.name == "ConfigMap":
        if live.get("immutable") is True:
            paths = (*paths, ("immutable",))
        elif mutability.config_maps:
            paths = ()
    if kind.name == "Secret" and mutability.secrets and live.get("immutable") is not True:
        paths = (("type",),)
    return (*IDENTITY, *paths)


def reason_to_refuse(token: str) -> str:
    """Why a resource type outside `BY_TOKEN` cannot be declared here."""
    name = token.rpartition(":")[2]
    if name.endswith("List"):
        return "lists exist for YAML manifests only: declare their members"
    if name.endswith("Patch"):
        return "Patch resources change objects that something else owns"
    if "helm" in token or "kustomize" in token or ":yaml" in token:
        return "it renders other manifests: declare their objects as resources of their own"
    return "it is outside the embedded subset"


def annotation(manifest: Object, name: str) -> str:
    """The annotation `name`, or an empty string."""
    return as_text(dig(manifest, "metadata", "annotations", name))


def name_of(manifest: Object) -> str:
    return as_text(dig(manifest, "metadata", "name"))


def namespace_of(manifest: Object) -> str:
    return as_text(dig(manifest, "metadata", "namespace"))


def identifier_of(manifest: Object) -> str:
    """Pulumi's id of an object: `namespace/name`, or `name` where it has no namespace."""
    return "/".join(part for part in (namespace_of(manifest), name_of(manifest)) if part)
