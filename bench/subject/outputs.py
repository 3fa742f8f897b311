"""Ask Pulumi what a deployed stack offers."""

import json
import subprocess

from base.children import tied
from bench.errors import StackUnavailableError
from stack import near, pulumi
from stack.files import ROOT
from stack.outputs import KEY, StackOutputs, decode


def read(stack: str | None) -> StackOutputs:
    """The outputs of `stack`, by default of the selected one. Raises StackUnavailableError."""
    choice = ["--stack", stack] if stack else []
    command = ["pulumi", "stack", "output", KEY, "--json", "--non-interactive", *choice]
    try:
        answer = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=tied()
        )
    except FileNotFoundError as error:
        raise StackUnavailableError("pulumi is not on PATH; run: . .venv/bin/activate") from error
    if answer.returncode:
        raise StackUnavailableError(_explained(answer.stderr, stack))
    try:
        outputs = decode(json.loads(answer.stdout))
    except ValueError as error:
        raise StackUnavailableError(str(error)) from error
    near.keep_services(outputs.context, (each.url for each in outputs.endpoints))
    return outputs


def _explained(stderr: str, stack: str | None) -> str:
    name = stack or "the selected stack"
    if "no output" in stderr or "does not have output" in stderr:
        return f"{name} is not deployed; run: pulumi up" + (f" -s {stack}" if stack else "")
    if "no stack named" in stderr:
        return f"STACK: expected a stack of yours, got {name}; run: pulumi stack ls"
    if "no stack selected" in stderr:
        return "no stack is selected; run: pulumi stack select NAME, or name one with --stack"
    return pulumi.explained(stderr, stack or "", "pulumi stack output")
