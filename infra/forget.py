"""Forget what was deployed on a cluster that is gone: the stacks of this project whose objects were on it.

Their settings stay; the next `pulumi up` begins with an empty stack.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence

from base.children import tied
from infra.recover import context_of
from stack.files import ROOT


def forget(context: str) -> tuple[str, ...]:
    """The stacks that were forgotten. Raises RuntimeError if Pulumi refuses."""
    known = [each["name"] for each in json.loads(_pulumi("stack", "ls", "--json"))]
    lost = tuple(name for name in known if _context(name) == context)
    for name in lost:
        _pulumi("stack", "rm", "--force", "--yes", "--preserve-config", "--stack", name)
    return lost


def _context(stack: str) -> str:
    """The kubeconfig context that a stack's objects are on; empty where it has none."""
    exported = json.loads(_pulumi("stack", "export", "--stack", stack))
    return context_of(exported.get("deployment") or {})


def _pulumi(*arguments: str) -> str:
    command = ["pulumi", "--non-interactive", *arguments]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=tied(signal.SIGINT)
    )
    if answer.returncode:
        said = " ".join((answer.stderr.strip() or answer.stdout.strip()).split())
        raise RuntimeError(f"{' '.join(command)} failed: {said}")
    return answer.stdout


def main(words: Sequence[str] | None = None) -> int:
    """The command `python -m infra.forget CONTEXT`."""
    parser = argparse.ArgumentParser(prog="python -m infra.forget", description=__doc__)
    parser.add_argument("context", help="the kubeconfig context that the cluster had")
    context = parser.parse_args(words).context
    try:
        lost = forget(context)
    except (RuntimeError, FileNotFoundError) as error:
        print(f"forget: {error}; run it again: python -m infra.forget {context}", file=sys.stderr)
        return 1
    for name in lost:
        print(f"forgot what stack {name} had on {context}; its settings stay")
    return 0


if __name__ == "__main__":
    sys.exit(main())
