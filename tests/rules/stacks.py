"""What every stack of the project renders, without cluster and without trained models."""

from dataclasses import replace
from functools import cache

from bench.commands.recommend import RECOMMENDED
from infra import program as stack
from infra.target import Delivery, DockerDaemon, Target
from stack import files, settings
from tests.infra import example
from tests.rules.reading import Stack

STACKS = [name for name in files.stacks() if files.path(name) != RECOMMENDED]


@cache
def all_stacks() -> tuple[Stack, ...]:
    """One entry for each `Pulumi.<stack>.yaml` of the project, by name."""
    return tuple(map(_stack, STACKS))


def _stack(name: str) -> Stack:
    wanted = settings.read(files.stack_settings(files.path(name)))
    inputs = replace(example.inputs(wanted, _target(wanted)), stack=name)
    return Stack(name, wanted, stack.render(inputs))


def _target(wanted: settings.Settings) -> Target:
    if wanted.registry is None:
        return example.EMBEDDED
    return Target("cloud", "192.0.2.1", Delivery(wanted.registry, push=True, daemon=DockerDaemon()))
