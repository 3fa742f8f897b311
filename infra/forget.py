"""Forget what was deployed on a cluster that is gone: the stacks of this project whose objects were on it.

Their settings stay; the next `pulumi up` begins with an empty stack.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.children import tied
from stack import near, recorded
from stack.files import ROOT


@dataclass(frozen=True)
class Pulumi:
    """Pulumi's command line in the folder of a project."""

    project: Path

    def say(self, *arguments: str) -> str:
        """What a command prints. Raises RuntimeError where it cannot be had."""
        command = ["pulumi", "--non-interactive", *arguments]
        try:
            answer = subprocess.run(
                command,
                cwd=self.project,
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=tied(signal.SIGINT),
            )
        except FileNotFoundError as error:
            raise RuntimeError("pulumi is not on PATH") from error
        if answer.returncode:
            said = " ".join((answer.stderr.strip() or answer.stdout.strip()).split())
            raise RuntimeError(f"{' '.join(command)} failed: {said}")
        return answer.stdout


def forget(context: str, pulumi: Pulumi) -> tuple[str, ...]:
    """The stacks that were forgotten. Raises RuntimeError if Pulumi refuses."""
    known = [each["name"] for each in json.loads(pulumi.say("stack", "ls", "--json"))]
    lost = tuple(name for name in known if _context(name, pulumi) == context)
    for name in lost:
        pulumi.say("stack", "rm", "--force", "--yes", "--preserve-config", "--stack", name)
    return lost


def _context(stack: str, pulumi: Pulumi) -> str:
    """The kubeconfig context that a stack's objects are on; empty where it has none."""
    exported = json.loads(pulumi.say("stack", "export", "--stack", stack))
    return recorded.context(recorded.part(exported, "deployment"))


def main(words: Sequence[str] | None = None, project: Path = ROOT) -> int:
    """The command `python -m infra.forget CONTEXT`."""
    parser = argparse.ArgumentParser(prog="python -m infra.forget", description=__doc__)
    parser.add_argument("context", help="the kubeconfig context that the cluster had")
    context = parser.parse_args(words).context
    near.keep()
    try:
        lost = forget(context, Pulumi(project))
    except RuntimeError as error:
        print(f"forget: {error}; then run: python -m infra.forget {context}", file=sys.stderr)
        return 1
    for name in lost:
        print(f"forgot what stack {name} had on {context}; its settings stay")
    return 0


if __name__ == "__main__":
    sys.exit(main())
