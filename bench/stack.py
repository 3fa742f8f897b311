"""Ask Pulumi what a deployed stack offers."""

import json
import subprocess
from pathlib import Path

from bench.errors import StackUnavailableError
from stack import outputs

ROOT = Path(__file__).resolve().parent.parent
RECOMMENDED = ROOT / "Pulumi.recommended.yaml"  # what `bench recommend` writes: the user's own


def read(stack: str | None) -> outputs.StackOutputs:
    """The outputs of `stack`, by default of the selected one. Raises StackUnavailableError."""
    choice = ["--stack", stack] if stack else []
    command = ["pulumi", "stack", "output", outputs.KEY, "--json", "--non-interactive", *choice]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise StackUnavailableError("pulumi is not on PATH; run: . .venv/bin/activate") from error
    if answer.returncode:
        raise StackUnavailableError(_explained(answer.stderr, stack))
    try:
        return outputs.decode(json.loads(answer.stdout))
    except ValueError as error:
        raise StackUnavailableError(str(error)) from error


def _explained(stderr: str, stack: str | None) -> str:
    name = stack or "the selected stack"
    if "no output" in stderr or "does not have output" in stderr:
        return f"{name} is not deployed; run: pulumi up" + (f" -s {stack}" if stack else "")
    if "no stack selected" in stderr:
        return "no stack is selected; run: pulumi stack select NAME, or name one with --stack"
    return f"pulumi cannot read {name}: {stderr.strip().removeprefix('error: ')}"
