"""What every stack of the project renders, without cluster and without trained models."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from bench.stack import RECOMMENDED
from infra import program as stack
from infra.target import Delivery, DockerDaemon, Target
from stack import settings
from stack.document import stack_settings
from stack.namespaces import Placement
from tests.infra import example
from tests.rules.reading import Stack

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = {file.name.split(".")[1]: file for file in sorted(ROOT.glob("Pulumi.*.yaml")) if file != RECOMMENDED}


@cache
def all_stacks() -> tuple[Stack, ...]:
    """One entry for each `Pulumi.<stack>.yaml` of the project, by name."""
    return tuple(_stack(name, file) for name, file in FILES.items())


def _stack(name: str, file: Path) -> Stack:
    wanted = settings.read(stack_settings(file))
    inputs = replace(example.inputs(wanted, _target(wanted)), stack=name, serving_namespaces=_namespaces())
    return Stack(name, wanted, stack.render(inputs))


def _namespaces() -> list[str]:
    return sorted(Placement(name).namespace for name in FILES)


def _target(wanted: settings.Settings) -> Target:
    if wanted.registry is None:
        return example.EMBEDDED
    return Target("cloud", "192.0.2.1", Delivery(wanted.registry, push=True, daemon=DockerDaemon()))
