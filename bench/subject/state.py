"""What Pulumi's state records of a stack."""

import json
from collections.abc import Mapping
from typing import cast

from bench.errors import StackUnavailableError
from stack import pulumi
from stack.pulumi import PulumiError
from stack.recorded import part


def read(stack: str) -> Mapping[str, object]:
    """The deployment of a stack. Raises StackUnavailableError."""
    return part(cast("dict[str, object]", _asked("stack export", stack)), "deployment")


def deployed() -> list[str]:
    """The stacks that hold something. Raises StackUnavailableError."""
    listed = cast("list[dict[str, object]]", _asked("stack ls --json"))
    return [str(each["name"]).rpartition("/")[2] for each in listed if each.get("resourceCount")]


def _asked(command: str, stack: str = "") -> object:
    try:
        told = pulumi.do(command, stack) if stack else pulumi.ask(*command.split())
    except PulumiError as error:
        raise StackUnavailableError(str(error)) from error
    return json.loads(told)
