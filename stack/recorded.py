"""What Pulumi's state says of a stack: its Kubernetes objects, and what was under way when it was cut off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from stack.kube import KubeObject, name_of

PREFIX = "kubernetes:"  # of the types of Kubernetes' objects
SECRET = "4dabf18193072939515e22adb298388d"  # the key that marks a value as encrypted
CREATING = "creating"


@dataclass(frozen=True, order=True)
class Key:
    """What identifies an object in its cluster; `namespace` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Where the API server keeps the object."""
        place = f"/namespaces/{self.namespace}" if self.namespace else ""
        return f"{group(self.api_version)}{place}/{plural(self.kind)}/{self.name}"

    @property
    def id(self) -> str:
        """As Pulumi's provider identifies it."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Recorded:
    """An object as the state has it: what was asked for, and how it was when Pulumi last looked."""

    urn: str
    key: Key
    inputs: KubeObject
    outputs: KubeObject


@dataclass(frozen=True)
class Pending:
    """An operation that was under way. `resource` is its entry for the state; `key` None for other things."""

    urn: str
    action: str
    key: Key | None
    resource: KubeObject

    def __str__(self) -> str:
        return f"{self.action} {self.key or self.urn.rsplit('::', 1)[-1]}"


def group(api_version: str) -> str:
    """Below which path the API server keeps the kinds of a group and version."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def plural(kind: str) -> str:
    """The name of a kind in paths."""
    word = kind.lower()
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("s") else f"{word}s"


def key_of(item: KubeObject) -> Key:
    """The key of an object as Kubernetes writes it."""
    namespace = cast("dict[str, str]", item["metadata"]).get("namespace", "")
    return Key(str(item["apiVersion"]), str(item["kind"]), namespace, name_of(item))


def resources(deployment: Mapping[str, object]) -> list[KubeObject]:
    """All that an exported deployment holds."""
    return cast("list[KubeObject]", deployment.get("resources") or [])


def objects(deployment: Mapping[str, object]) -> tuple[Recorded, ...]:
    """The Kubernetes objects of an exported deployment."""
    return tuple(_recorded(entry) for entry in resources(deployment) if is_object(entry))


def pending(deployment: Mapping[str, object]) -> tuple[Pending, ...]:
    """What was under way when the last Pulumi ended; nothing after one that ended by itself."""
    found = cast("list[KubeObject]", deployment.get("pending_operations") or [])
    return tuple(_pending(str(each["type"]), cast("KubeObject", each["resource"])) for each in found)


def context(deployment: Mapping[str, object]) -> str:
    """The kubeconfig context that the stack's Kubernetes provider was given; empty before its first `up`."""
    providers = (each for each in resources(deployment) if each["type"] == f"pulumi:providers:{PREFIX[:-1]}")
    return next((str(part(each, "inputs").get("context", "")) for each in providers), "")


def keys(recorded: Iterable[Recorded]) -> frozenset[Key]:
    """The keys of some objects."""
    return frozenset(each.key for each in recorded)


def part(item: Mapping[str, object], *names: str) -> KubeObject:
    """The object below some names; empty where there is none."""
    for name in names:
        item = cast("KubeObject", item.get(name) or {})
    return cast("KubeObject", item)


def is_object(entry: KubeObject) -> bool:
    """Whether an entry of the state is a Kubernetes object."""
    return str(entry["type"]).startswith(PREFIX) and bool(part(entry, "inputs", "metadata").get("name"))


def _recorded(entry: KubeObject) -> Recorded:
    inputs = part(entry, "inputs")
    return Recorded(str(entry["urn"]), key_of(inputs), inputs, part(entry, "outputs"))


def _pending(action: str, resource: KubeObject) -> Pending:
    key = key_of(part(resource, "inputs")) if is_object(resource) else None
    return Pending(str(resource["urn"]), action, key, resource)
