"""Ask Pulumi what a deployed stack offers."""

import json
import subprocess
from dataclasses import replace

from base.children import tied
from bench.errors import StackUnavailableError
from stack import near, pulumi
from stack.files import ROOT
from stack.outputs import GATEWAY_KEY, KEY, StackOutputs, decode


def read(stack: str | None) -> StackOutputs:
    """The outputs of `stack`, by default of the selected one. Raises StackUnavailableError."""
    try:
        outputs = decode(json.loads(_output(KEY, stack)))
    except ValueError as error:
        raise StackUnavailableError(str(error)) from error
    near.keep_services(outputs.context, (each.url for each in outputs.endpoints))
    if any(each.door.keyed for each in outputs.endpoints):
        return with_key(outputs, json.loads(_output(GATEWAY_KEY, stack, "--show-secrets")))
    return outputs


def with_key(outputs: StackOutputs, key: str) -> StackOutputs:
    """The outputs for those who may pass the gateway."""
    keyed = (replace(each, door=replace(each.door, key=key)) for each in outputs.endpoints)
    return replace(outputs, endpoints=tuple(keyed))


def _output(name: str, stack: str | None, *options: str) -> str:
    """One output as JSON text. Raises StackUnavailableError."""
    choice = ["--stack", stack] if stack else []
    command = ["pulumi", "stack", "output", name, "--json", "--non-interactive", *options, *choice]
    try:
        answer = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=tied()
        )
    except FileNotFoundError as error:
        raise StackUnavailableError("pulumi is not on PATH; run: . .venv/bin/activate") from error
    if answer.returncode:
        raise StackUnavailableError(_explained(answer.stderr, stack))
    return answer.stdout


def _explained(stderr: str, stack: str | None) -> str:
    name = stack or "the selected stack"
    if "no output" in stderr or "does not have output" in stderr:
        return f"{name} is not deployed; run: pulumi up" + (f" -s {stack}" if stack else "")
    if "no stack named" in stderr:
        return f"STACK: expected a stack of yours, got {name}; run: pulumi stack ls"
    if "no stack selected" in stderr:
        return "no stack is selected; run: pulumi stack select NAME, or name one with --stack"
    return pulumi.explained(stderr, stack or "", "pulumi stack output")
