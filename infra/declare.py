"""Hand plain Kubernetes objects over to Pulumi, in their order of dependence."""

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import cast

import pulumi
import pulumi_kubernetes as k8s

from infra import certificate
from stack.kube import CUSTOM_KINDS, FROM_SECRET, GENERATED, KubeObject

# Pulumi owns what it declares: a field that somebody else has set is put back, and no conflict ends an `up`.
OWNED = {"pulumi.com/patchForce": "true"}
ALL = ()  # no kind named: of every kind
# Pulumi waits until their pods are ready or their kinds served, so they must start together.
TOGETHER = (("Deployment/", "Service/"), ("CustomResourceDefinition/",))


@dataclass(frozen=True)
class Scope:
    """Where declared objects belong: their cluster's provider, their parent, and what must exist first."""

    provider: k8s.Provider
    parent: pulumi.Resource | None = None
    after: tuple[pulumi.Resource, ...] = ()

    def below(self, parent: pulumi.Resource) -> "Scope":
        """The same cluster, one component deeper."""
        return replace(self, parent=parent)

    def following(self, *resources: pulumi.Resource) -> "Scope":
        """The same place, after some more resources."""
        return replace(self, after=(*self.after, *resources))


class Declared(pulumi.ComponentResource):
    """Some objects that belong together; `declared` by kind and name."""

    declared: dict[str, pulumi.CustomResource]

    def of_kinds(self, kinds: Sequence[str]) -> list[pulumi.CustomResource]:
        """Those of some kinds, or of ALL."""
        return [each for key, each in self.declared.items() if not kinds or key.partition("/")[0] in kinds]


def declare(objects: Sequence[KubeObject], scope: Scope) -> dict[str, pulumi.CustomResource]:
    """Declare the objects. Each waits for those before it; a Deployment and its Service start together.

    Returns the resources by kind and name, such as `Service/torchserve`.
    """
    declared: dict[str, pulumi.CustomResource] = {}
    for item in objects:
        concurrent = next((kinds for kinds in TOGETHER if key(item).startswith(kinds)), ())
        after = [other for name, other in declared.items() if not name.startswith(concurrent)]
        resolved = cast("KubeObject", from_secrets(item, declared))
        declared[key(item)] = _declare(resolved, scope, [*scope.after, *after])
    return declared


def key(item: KubeObject) -> str:
    """`Kind/name`: what Pulumi shows and what identifies an object within its component."""
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return f"{item['kind']}/{metadata['name']}"


def _declare(item: KubeObject, scope: Scope, after: Sequence[pulumi.Resource]) -> pulumi.CustomResource:
    shown = owned(with_secrets(item) if item["kind"] == "Secret" else item)
    body = {_snake(name): value for name, value in shown.items() if name not in ("apiVersion", "kind")}
    options = pulumi.ResourceOptions(
        provider=scope.provider,
        parent=scope.parent,
        depends_on=list(after),
        ignore_changes=ignored(item),
    )
    made = constructor(str(item["apiVersion"]), str(item["kind"]))
    return made(_logical_name(item), **body, opts=options)


def constructor(version: str, kind: str) -> Callable[..., pulumi.CustomResource]:
    """The class of an apiVersion and kind; its group's classes, which take long, are loaded when asked."""
    if (version, kind) in CUSTOM_KINDS:
        return partial(k8s.apiextensions.CustomResource, api_version=version, kind=kind)
    group, _, number = version.rpartition("/")
    module = group.partition(".")[0] or "core"
    return cast("type[pulumi.CustomResource]", attrgetter(f"{module}.{number}.{kind}")(k8s))


def owned(item: KubeObject) -> KubeObject:
    """The object, of which Pulumi puts every declared field back that somebody else has changed."""
    metadata = cast("dict[str, object]", item["metadata"])
    annotations = {**cast("dict[str, str]", metadata.get("annotations") or {}), **OWNED}
    return {**item, "metadata": {**metadata, "annotations": annotations}}


def ignored(item: KubeObject) -> list[str]:
    """The fields that stay as they are in the cluster.

    A Deployment that does not say its number of pods leaves it to an autoscaler. Until that comes, the number
    stays as it was: a field that is merely taken away falls to its default, which is one pod.
    """
    autoscaled = item["kind"] == "Deployment" and "replicas" not in cast("dict[str, object]", item["spec"])
    return [*(("spec.replicas",) if autoscaled else ()), *(("data",) if _is_generated(item) else ())]


def from_secrets(value: object, declared: Mapping[str, pulumi.CustomResource]) -> object:
    """The value, with what it takes from Secrets declared before: FROM_SECRET, name and key, in base64.

    Only what is public of a Secret is taken elsewhere, such as a certificate, so it is none there.
    """
    if isinstance(value, Mapping):
        return {name: from_secrets(each, declared) for name, each in value.items()}
    if isinstance(value, list):
        return [from_secrets(each, declared) for each in value]
    if isinstance(value, str) and value.startswith(FROM_SECRET):
        name, _, entry = value.removeprefix(FROM_SECRET).partition("/")
        secret = cast("k8s.core.v1.Secret", declared[f"Secret/{name}"])
        return pulumi.Output.unsecret(secret.data.apply(lambda data: data[entry]))
    return value


def with_secrets(item: KubeObject) -> dict[str, object]:
    """A Secret whose values are encrypted in Pulumi's state and hidden in its display.

    A text GENERATED becomes 32 random bytes as URL-safe text, or a certificate. Texts go to `data`, as the
    API server keeps them: there `ignore_changes` finds them again, and the first generated value stays.
    """
    texts, data = _texts(item, "stringData"), _texts(item, "data")
    made = {**texts, **_generated(item, texts)}
    encoded = {name: base64.b64encode(text.encode()).decode() for name, text in made.items()}
    kept = {name: value for name, value in item.items() if name not in ("data", "stringData")}
    return {**kept, "data": pulumi.Output.secret({**data, **encoded})}


def _generated(item: KubeObject, texts: Mapping[str, str]) -> Mapping[str, str]:
    if item.get("type") == certificate.TLS and GENERATED in texts.values():
        return certificate.self_signed(certificate.hosts_of(item))
    return {name: secrets.token_urlsafe(32) for name, text in texts.items() if text == GENERATED}


def _is_generated(item: KubeObject) -> bool:
    return GENERATED in _texts(item, "stringData").values()


def _texts(item: KubeObject, part: str) -> dict[str, str]:
    return cast("dict[str, str]", item.get(part) or {})


def _logical_name(item: KubeObject) -> str:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
