"""What every stack of the project renders, without cluster and without trained models."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from bench import recommend
from infra import settings, stack
from infra.target import Delivery, DockerDaemon, Target
from tests.infra import example
from tests.rules.reading import Stack

ROOT = Path(__file__).resolve().parent.parent.parent
NAMESPACE = "emotion-serving:"
# What `bench recommend` writes is the user's own, and kept out of the repository.
FILES = tuple(file for file in sorted(ROOT.glob("Pulumi.*.yaml")) if file != recommend.DEFAULT)


@cache
def all_stacks() -> tuple[Stack, ...]:
    """One entry for each `Pulumi.<stack>.yaml` of the project, by name."""
    return tuple(_stack(file) for file in FILES)


def _stack(file: Path) -> Stack:
    config = yaml.safe_load(file.read_text()).get("config") or {}
    raw = {key.removeprefix(NAMESPACE): value for key, value in config.items() if key.startswith(NAMESPACE)}
    name, wanted = file.name.split(".")[1], settings.read(raw)
    inputs = replace(example.inputs(wanted, _target(wanted)), stack=name, serving_namespaces=_namespaces())
    return Stack(name, wanted, stack.render(inputs))


def _namespaces() -> list[str]:
    return sorted(stack.namespace_of(file.name.split(".")[1]) for file in FILES)


def _target(wanted: settings.Settings) -> Target:
    if wanted.registry is None:
        return example.EMBEDDED
    return Target("cloud", "192.0.2.1", Delivery(wanted.registry, push=True, daemon=DockerDaemon()))
