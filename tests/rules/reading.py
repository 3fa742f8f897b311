"""Reading rendered objects: what a rule asks of a stack, without a cast in every line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from stack.kube import KubeObject
from stack.settings import Settings

SERVERS = ("tensorflow-serving", "torchserve", "triton")


@dataclass(frozen=True)
class Stack:
    """One stack's render."""

    name: str
    settings: Settings
    objects: tuple[KubeObject, ...]

    def of(self, *kinds: str) -> list[KubeObject]:
        return [item for item in self.objects if item["kind"] in kinds]

    def find(self, kind: str, namespace: str, name: str) -> KubeObject | None:
        wanted = f"{kind}/{namespace}/{name}"
        return next((item for item in self.of(kind) if where(item) == wanted), None)

    def containers(self) -> Iterator[tuple[KubeObject, KubeObject]]:
        """Every container, with the Deployment that it belongs to."""
        for deployment in self.of("Deployment"):
            for container in containers(deployment):
                yield deployment, container

    def selected(self, namespace: str, selector: Mapping[str, object]) -> list[KubeObject]:
        """The Deployments of a namespace whose pods carry the labels; an empty selector takes all."""
        return [
            item
            for item in self.of("Deployment")
            if namespace_of(item) == namespace and selector.items() <= pod_labels(item).items()
        ]


Offence = tuple[KubeObject, str]
"""An object, and what is wrong with it."""
Rule = Callable[[Stack], Iterator[Offence]]


def at(item: object, *path: str) -> KubeObject:
    """A mapping inside an object; empty where there is none."""
    for step in path:
        item = item.get(step) if isinstance(item, dict) else None
    return item if isinstance(item, dict) else {}


def each(item: object, *path: str) -> list[KubeObject]:
    """A list of mappings inside an object; empty where there is none."""
    found = at(item, *path[:-1]).get(path[-1])
    return cast("list[KubeObject]", found) if isinstance(found, list) else []


def texts(item: object, *path: str) -> list[str]:
    """A list of texts inside an object; empty where there is none."""
    return [str(text) for text in cast("list[object]", each(item, *path))]


def name_of(item: KubeObject) -> str:
    return str(at(item, "metadata")["name"])


def namespace_of(item: KubeObject) -> str:
    return str(at(item, "metadata").get("namespace", ""))


def where(item: KubeObject) -> str:
    """`Kind/namespace/name`; `Kind/name` for cluster-scoped objects."""
    return "/".join(part for part in (str(item["kind"]), namespace_of(item), name_of(item)) if part)


def pod(deployment: KubeObject) -> KubeObject:
    return at(deployment, "spec", "template", "spec")


def pod_labels(deployment: KubeObject) -> KubeObject:
    return at(deployment, "spec", "template", "metadata", "labels")


def containers(deployment: KubeObject) -> list[KubeObject]:
    """Init containers too."""
    return [*each(pod(deployment), "initContainers"), *each(pod(deployment), "containers")]


def ports(deployment: KubeObject) -> set[object]:
    """The names and numbers of all container ports of a Deployment's pods."""
    found = [port for container in containers(deployment) for port in each(container, "ports")]
    return {value for port in found for value in (port.get("name"), port["containerPort"])}
