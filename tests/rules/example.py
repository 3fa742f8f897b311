"""The faultless example, and how to break it."""

from collections.abc import Callable
from pathlib import Path

import yaml

from stack.kube import KubeObject
from stack.settings import Settings
from tests.rules.reading import Stack, at, containers, each, name_of, pod

FILE = Path(__file__).resolve().parent / "good.yaml"
Objects = list[KubeObject]
Break = Callable[[Objects], object]


def broken(how: Break = lambda _: None) -> Stack:
    """The example as a stack, after `how` has changed its objects in place."""
    objects: Objects = list(yaml.safe_load_all(FILE.read_text()))
    how(objects)
    return Stack("example", Settings(), tuple(objects))


def get(objects: Objects, kind: str, name: str | None = None) -> KubeObject:
    return next(item for item in objects if item["kind"] == kind and name in (None, name_of(item)))


def the_pod(objects: Objects) -> KubeObject:
    return pod(get(objects, "Deployment"))


def the_container(objects: Objects) -> KubeObject:
    return containers(get(objects, "Deployment"))[0]


def set_(item: KubeObject, *path: str, to: object) -> None:
    """Set a value in a mapping that is there."""
    at(item, *path[:-1])[path[-1]] = to


def drop(item: KubeObject, *path: str) -> None:
    del at(item, *path[:-1])[path[-1]]


def add(item: KubeObject, *path: str, value: object) -> None:
    """Append to a list, made if there is none."""
    at(item, *path[:-1])[path[-1]] = [*each(item, *path), value]
